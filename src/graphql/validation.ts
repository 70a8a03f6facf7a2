import { validate } from 'graphql';
import type { GatewayPlugin } from '../context.ts';

// Suggestions would tell the schema's names to whoever guesses at them. And a faulty document has as many
// errors as its author likes.
const options = { hideSuggestions: true, maxErrors: 5 };

const validateDocument: typeof validate = (schema, document, rules) =>
  validate(schema, document, rules, options);

/** Checks documents as GraphQL has it, and answers with few errors and without suggestions. */
export function useValidation(): GatewayPlugin {
  return {
    onValidate({ setValidationFn }) {
      setValidationFn(validateDocument);
    },
  };
}

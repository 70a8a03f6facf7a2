import { type DocumentNode, validate } from 'graphql';
import type { GatewayPlugin } from './gateway-plugin.ts';

// Suggestions would tell the schema's names to whoever guesses at them. And a faulty document has as many
// errors as its author likes.
const options = { hideSuggestions: true, maxErrors: 5 };

const validateDocument: typeof validate = (schema, document, rules) =>
  validate(schema, document, rules, options);

/**
 * Checks documents as GraphQL has it, and answers with few errors and without suggestions. What came of a document is
 * remembered for as long as the document is; Yoga would put the names of all rules together to look it up.
 */
export function useValidation(): GatewayPlugin {
  const results = new WeakMap<DocumentNode, ReturnType<typeof validate>>();
  return {
    onValidate({ params: { documentAST }, setResult, setValidationFn }) {
      const known = results.get(documentAST);
      if (known) return setResult([...known]);
      setValidationFn((schema, document, rules) => {
        const errors = validateDocument(schema, document, rules);
        results.set(document, errors);
        return errors;
      });
    },
  };
}

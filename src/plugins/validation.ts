import { getOperationAST, getVariableValues, validate } from 'graphql';
import type { GatewayPlugin } from '../context.ts';

// Suggestions would tell the schema's names to whoever guesses at them. And a faulty document or variable
// has as many errors as its author likes.
const options = { hideSuggestions: true, maxErrors: 5 };

const validateDocument: typeof validate = (schema, document, rules) =>
  validate(schema, document, rules, options);

/** Checks documents and variables as GraphQL has it, and answers with few errors and without suggestions. */
export function useValidation(): GatewayPlugin {
  return {
    onValidate({ setValidationFn }) {
      setValidationFn(validateDocument);
    },
    // Yoga's executor checks the variables again, but makes suggestions: what it would refuse never gets there.
    onExecute({ args: { schema, document, operationName, variableValues }, setResultAndStopExecution }) {
      const definitions = getOperationAST(document, operationName)?.variableDefinitions ?? [];
      const { errors } = getVariableValues(schema, definitions, variableValues ?? {}, options);
      if (errors) setResultAndStopExecution({ errors });
    },
  };
}

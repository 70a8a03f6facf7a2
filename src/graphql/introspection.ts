import { NoSchemaIntrospectionCustomRule } from 'graphql';
import type { GatewayPlugin } from './gateway-plugin.ts';

/** Refuses documents that read the schema, with `__schema` or `__type`; `__typename` is no secret. */
export function useNoIntrospection(): GatewayPlugin {
  return {
    onValidate({ addValidationRule }) {
      addValidationRule(NoSchemaIntrospectionCustomRule);
    },
  };
}

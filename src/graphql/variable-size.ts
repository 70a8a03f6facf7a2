import { GatewayError } from '../errors.ts';

// More than as many tickets have as a document may ask for.
const MOST_FIELDS = 1_000;

/**
 * Refuses variables whose objects have very many fields: GraphQL writes an object that does not fit out in full, once for
 * each of its faults. Throws BAD_USER_INPUT.
 */
export function requireFewFields(variables: unknown): void {
  let fields = 0;
  const rest = [variables];
  while (rest.length > 0) {
    const value = rest.pop();
    if (typeof value !== 'object' || value === null) continue;
    const inner = Object.values(value);
    if (!Array.isArray(value)) fields += inner.length;
    if (fields > MOST_FIELDS) {
      throw new GatewayError('BAD_USER_INPUT', `The variables have more than ${MOST_FIELDS} fields`);
    }
    rest.push(...inner);
  }
}

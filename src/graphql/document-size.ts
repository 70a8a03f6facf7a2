import { type DocumentNode, Kind, type SelectionNode, type SelectionSetNode } from 'graphql';

/** How much a document selects, with its fragments written out wherever they are spread. */
export interface DocumentSize {
  /** Fields within fields: `{ shop { id } }` is 2 deep. */
  readonly depth: number;
  /** Fields that have an alias. */
  readonly aliases: number;
  /**
   * 1 for every field and every fragment, and 1 more for a field that has fields of its own; 40 for each that lists the
   * types of the schema.
   */
  readonly cost: number;
}

// In introspection, where a list of all fields may follow for each, and so on. The schema's own fields have other names.
const TYPES = 'types';
const TYPES_COST = 40;

function costOf(selection: SelectionNode): number {
  if (selection.kind !== Kind.FIELD || !selection.selectionSet) return 1;
  return selection.name.value === TYPES ? TYPES_COST : 2;
}

const nothing: DocumentSize = { depth: 0, aliases: 0, cost: 0 };

/**
 * Measures the largest of a document's operations and fragments; a fragment that nothing spreads is validated,
 * too. Takes time in proportion to the text: each fragment is measured once, however often it is spread.
 */
export function measureDocument({ definitions }: DocumentNode): DocumentSize {
  const fragments = new Map<string, SelectionSetNode>();
  for (const definition of definitions) {
    if (definition.kind === Kind.FRAGMENT_DEFINITION) {
      fragments.set(definition.name.value, definition.selectionSet);
    }
  }
  const fragmentSizes = new Map<string, DocumentSize>();

  function measureFragment(name: string): DocumentSize {
    const known = fragmentSizes.get(name);
    const fragment = fragments.get(name);
    if (known || !fragment) return known ?? nothing;
    // A fragment within itself counts once and is left for the validation to explain.
    fragmentSizes.set(name, nothing);
    const size = measureSelections(fragment);
    fragmentSizes.set(name, size);
    return size;
  }

  function measureWithin(selection: SelectionNode): DocumentSize {
    if (selection.kind === Kind.FRAGMENT_SPREAD) return measureFragment(selection.name.value);
    return selection.selectionSet ? measureSelections(selection.selectionSet) : nothing;
  }

  function measureSelections({ selections }: SelectionSetNode): DocumentSize {
    let { depth, aliases, cost } = nothing;
    for (const selection of selections) {
      const within = measureWithin(selection);
      const isField = selection.kind === Kind.FIELD;
      depth = Math.max(depth, within.depth + (isField ? 1 : 0));
      aliases += within.aliases + (isField && selection.alias ? 1 : 0);
      cost += within.cost + costOf(selection);
    }
    return { depth, aliases, cost };
  }

  let largest = nothing;
  for (const definition of definitions) {
    if (!('selectionSet' in definition)) continue;
    const { depth, aliases, cost } = measureSelections(definition.selectionSet);
    largest = {
      depth: Math.max(largest.depth, depth),
      aliases: Math.max(largest.aliases, aliases),
      cost: Math.max(largest.cost, cost),
    };
  }
  return largest;
}

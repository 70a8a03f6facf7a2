import { Lexer, parse, Source, TokenKind } from 'graphql';
import { GatewayError } from '../errors.ts';
import { type DocumentSize, measureDocument } from './document-size.ts';
import type { GatewayPlugin } from './gateway-plugin.ts';

/** What a GraphQL document may have at most. */
export interface DocumentLimits extends DocumentSize {
  /** UTF-16 code units of its text, white space and comments included. */
  readonly characters: number;
  /** Tokens: names, values and punctuation. Lines are held to the same number. */
  readonly tokens: number;
  /** Directives, wherever they stand. */
  readonly directives: number;
}

// Brackets within brackets of whatever kind. The parser recurses into them, and overflows the stack at some
// 1,500 of them.
const MAXIMUM_NESTING = 100;

const nestingSteps: Partial<Record<TokenKind, number>> = {
  [TokenKind.PAREN_L]: 1,
  [TokenKind.BRACKET_L]: 1,
  [TokenKind.BRACE_L]: 1,
  [TokenKind.PAREN_R]: -1,
  [TokenKind.BRACKET_R]: -1,
  [TokenKind.BRACE_R]: -1,
};

function requireAtMost(limit: number, count: number, unit: string): void {
  if (count <= limit) return;
  throw new GatewayError('DOCUMENT_TOO_COMPLEX', `The document has more than ${limit} ${unit}`);
}

/** Reads the tokens one after another, no further than the first that is too many. */
function checkTokens(source: Source, limits: DocumentLimits): void {
  const lexer = new Lexer(source);
  let [tokens, directives, nesting] = [0, 0, 0];
  let { kind } = lexer.token;
  while (kind !== TokenKind.EOF) {
    kind = lexer.advance().kind;
    if (kind !== TokenKind.EOF) tokens += 1;
    if (kind === TokenKind.AT) directives += 1;
    nesting += nestingSteps[kind] ?? 0;
    requireAtMost(limits.tokens, tokens, 'tokens');
    // Comments are no tokens, but the document keeps them; and all lines are gone through for each error.
    requireAtMost(limits.tokens, lexer.line, 'lines');
    requireAtMost(limits.directives, directives, 'directives');
    requireAtMost(MAXIMUM_NESTING, nesting, 'levels of brackets');
  }
}

/**
 * Refuses a document that would take long to parse, validate or execute, before any of that is begun. Only the
 * GraphQL door has documents: a v1 request is never parsed as one.
 */
export function useDocumentLimits(limits: DocumentLimits): GatewayPlugin {
  const parseWithinLimits: typeof parse = (input, options) => {
    const source = typeof input === 'string' ? new Source(input) : input;
    checkTokens(source, limits);
    const document = parse(source, options);
    const { depth, aliases, cost } = measureDocument(document);
    requireAtMost(limits.depth, depth, 'levels of fields');
    requireAtMost(limits.aliases, aliases, 'aliases');
    requireAtMost(limits.cost, cost, 'points of cost');
    return document;
  };
  return {
    onParse({ params: { source }, setParseFn }) {
      // Before Yoga looks the text up among those it remembers, where one too long has no place.
      const { length } = typeof source === 'string' ? source : source.body;
      requireAtMost(limits.characters, length, 'characters');
      // Not called for a text that Yoga remembers; it remembers refusals, too.
      setParseFn(parseWithinLimits);
    },
  };
}

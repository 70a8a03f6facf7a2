import type { RequestContext } from '../context.ts';
import { GatewayError } from '../errors.ts';
import { DOCUMENT_TEXT_LIMIT } from '../tickets/input.ts';

/**
 * Shows a message or tags of a ticket, unless the answer would become too long: a short document may ask for a long text
 * again and again. Throws DOCUMENT_TOO_COMPLEX then.
 */
export function showText<Text extends string | readonly string[] | null>(
  context: RequestContext,
  text: Text,
): Text {
  const texts = typeof text === 'string' ? [text] : (text ?? []);
  for (const { length } of texts) context.shownCharactersLeft -= length;
  if (context.shownCharactersLeft >= 0) return text;
  const message = `An answer may show ${DOCUMENT_TEXT_LIMIT} characters of messages and tags`;
  throw new GatewayError('DOCUMENT_TOO_COMPLEX', message);
}

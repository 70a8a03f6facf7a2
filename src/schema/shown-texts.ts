import type { RequestContext } from '../context.ts';

/**
 * Shows a message or tags of a ticket, unless the answer would become too long: a short document may ask for a long text
 * again and again. Throws DOCUMENT_TOO_COMPLEX then.
 */
export function showText<Text extends string | readonly string[] | null>(
  context: RequestContext,
  text: Text,
): Text {
  const texts = typeof text === 'string' ? [text] : (text ?? []);
  for (const { length } of texts) context.shownTexts.take(length);
  return text;
}

const [QUOTE, BACKSLASH] = [0x22, 0x5c];
// What stands before a value, but for the first.
const [COMMA, BRACKET, BRACE] = [0x2c, 0x5b, 0x7b];

/**
 * Counts the values of a text in JSON, lists and objects among them, and stops when there are more than so many. Takes a
 * fraction of the time to parse it, which for a million brackets is a hundred milliseconds.
 */
export function countValues(json: Uint8Array, most: number): number {
  let values = 1;
  let isText = false;
  for (let index = 0; index < json.length && values <= most; index += 1) {
    const byte = json[index] ?? 0;
    if (byte === QUOTE) isText = !isText;
    else if (isText && byte === BACKSLASH) index += 1;
    else if (!isText && (byte === COMMA || byte === BRACKET || byte === BRACE)) values += 1;
  }
  return values;
}

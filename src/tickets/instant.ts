const EARLIEST = Date.parse('0001-01-01T00:00:00Z');
const LATEST = Date.parse('9999-12-31T23:59:59.999Z');

/** The ISO 8601 texts that name a day, or an instant with or without a zone. */
export const ISO_8601 =
  /^(\d{4}-\d\d-\d\d)(?:T([01]\d|2[0-3])(:[0-5]\d)(:[0-5]\d(?:\.\d+)?)?(Z|[+-]\d\d:?\d\d)?)?$/;

/** More letters than any such text needs; to look at very many takes its time. */
export const LONGEST_INSTANT = 64;

/** What such a text may be, after "it". */
export const INSTANT_SPELLINGS =
  `may have any offset and at most ${LONGEST_INSTANT} characters; ` +
  'without an offset it is taken for UTC, and without a time for midnight.';

// Date.parse takes the 30th of February for the 2nd of March. Every month has 28 days.
const exists = (day: string): boolean =>
  day.slice(-2) <= '28' || new Date(`${day}T00:00Z`).getUTCDate() === Number(day.slice(-2));

/** The instant that an ISO 8601 text names, UTC where it names no zone; NaN when there is no such instant. */
export function parseInstant(value: string): number {
  if (value.length > LONGEST_INSTANT) return Number.NaN;
  const [, day, hour = '00', minute = ':00', second = ':00', zone = 'Z'] = ISO_8601.exec(value) ?? [];
  if (day === undefined || !exists(day)) return Number.NaN;
  const offset = zone.length === 5 ? `${zone.slice(0, 3)}:${zone.slice(3)}` : zone;
  const instant = Date.parse(`${day}T${hour}${minute}${second}${offset}`);
  return instant >= EARLIEST && instant <= LATEST ? instant : Number.NaN;
}

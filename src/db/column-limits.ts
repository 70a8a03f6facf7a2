/** The largest number that a column of type INTEGER holds. */
export const LARGEST_INTEGER = 2_147_483_647;

/** Whether PostgreSQL can hold a text: it has no NUL, and no half of a surrogate pair. */
export const isStorable = (text: string): boolean => !text.includes('\0') && text.isWellFormed();

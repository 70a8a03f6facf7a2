/** Most bytes that a request's body may have: 512 KiB, for the longest message with each letter as an escape of six. */
export const MAXIMUM_BODY_BYTES = 512 * 1024;

/** Most values that a body may have, those within lists and objects among them. */
export const MAXIMUM_BODY_VALUES = 10_000;

/** Both, for people. */
export const BODY_LIMITS = `${MAXIMUM_BODY_BYTES / 1024} KiB and ${MAXIMUM_BODY_VALUES.toLocaleString('en')} values`;

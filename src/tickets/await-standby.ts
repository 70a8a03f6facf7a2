/**
 * An SQL condition that is always true, and makes the end of its transaction wait for a synchronous standby. A ticket that
 * is found may be one whose own wait was cancelled: it is only to be acknowledged once the standby has it, too. What reads
 * alone waits for nothing, so that a word is written to the log, which comes behind the ticket there.
 */
export const awaitStandby = "pg_catalog.pg_logical_emit_message(true, 'ticket-gateway', '') IS NOT NULL";

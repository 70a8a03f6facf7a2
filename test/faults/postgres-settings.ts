/** How many connections all together may have who are no superusers. */
export const ORDINARY_CONNECTIONS = 35;
const RESERVED_CONNECTIONS = 5;

/** What a server of the experiments is told beside PostgreSQL's own settings. */
export const experimentSettings = [
  `max_connections = ${ORDINARY_CONNECTIONS + RESERVED_CONNECTIONS}`,
  `superuser_reserved_connections = ${RESERVED_CONNECTIONS}`,
  'shared_buffers = 32MB',
];

/** A message of a customer's for tests to send. No log may hold it. */
export const MESSAGE = 'planted-message-of-a-customer';

/** The password with which tests connect to a database that asks for none. No log may hold it. */
export const DATABASE_PASSWORD = 'planted-password-of-the-database';

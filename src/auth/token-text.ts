import { GatewayError } from '../errors.ts';
import { parseObject } from '../http/body.ts';

const COMPACT = /^([\w-]+)\.[\w-]*\.[\w-]*$/;

/** Whether the text has the shape of a JSON Web Token: three parts in base64url, the first of them a JSON object. */
export function isTokenText(text: string): boolean {
  const header = COMPACT.exec(text)?.[1];
  if (header === undefined) return false;
  try {
    parseObject(Buffer.from(header, 'base64url').toString());
    return true;
  } catch {
    return false;
  }
}

/** The token is no good; the header WWW-Authenticate says so, too, as RFC 6750 has it. The reason is one ASCII line. */
export class InvalidTokenError extends GatewayError {
  constructor(reason: string) {
    const challenge = `Bearer error="invalid_token", error_description="${reason}"`;
    super('INVALID_TOKEN', reason, { 'www-authenticate': challenge });
  }
}

/** The token was good until it expired: time to get another one. */
export class TokenExpiredError extends InvalidTokenError {
  constructor() {
    super('The token has expired');
  }
}

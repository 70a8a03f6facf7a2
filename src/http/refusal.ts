import { STATUS_CODES } from 'node:http';
import { securityHeaders } from './security-headers.ts';

const statusOf: Readonly<Record<string, number>> = {
  ERR_HTTP_REQUEST_TIMEOUT: 408,
  HPE_CHUNK_EXTENSIONS_OVERFLOW: 413,
  HPE_HEADER_OVERFLOW: 431,
};

/** The whole answer to what node:http cannot read as a request, or should not have, after which the connection ends. */
export function refusalOf({ code = '' }: NodeJS.ErrnoException): string {
  const status = statusOf[code] ?? 400;
  const fixed = Object.entries(securityHeaders).map(([name, value]) => `${name}: ${value}`);
  const lines = ['connection: close', 'content-length: 0', ...fixed];
  return `HTTP/1.1 ${status} ${STATUS_CODES[status]}\r\n${lines.join('\r\n')}\r\n\r\n`;
}

import type { IncomingMessage } from 'node:http';
import { GatewayError } from '../errors.ts';
import { jsonAnswer } from '../http/answer.ts';
import { readJsonBody } from '../http/body.ts';
import type { Door } from '../http/door.ts';
import { createTicket } from '../tickets/create-ticket.ts';
import { readRequest, showError, showTicket } from './encoding.ts';

// Sent twice, a header arrives as one that joins both, and so would be a third key, which no repetition brings again.
function requireOneKey(request: IncomingMessage): void {
  if (!request.headers['idempotency-key']?.includes(', ')) return;
  if (request.headersDistinct['idempotency-key']?.length === 1) return;
  throw new GatewayError('BAD_REQUEST', 'The Idempotency-Key must be sent once');
}

/** The REST v1 door: another encoding of the requests and results of createTicket. */
export const restDoor: Door = {
  name: 'rest',
  methods: ['POST'],
  async read(request, context) {
    requireOneKey(request);
    const input = readRequest(await readJsonBody(request, context), request.headers);
    return async () => {
      const { ticket, replayed } = await createTicket(context, input);
      const shown = showTicket({ ticket, shopDomain: context.viewer.shop.domain });
      return jsonAnswer(201, shown, replayed ? { 'idempotent-replayed': 'true' } : undefined);
    };
  },
  refuse: (error, requestId) => jsonAnswer(error.status, showError(error, requestId), error.headers),
};

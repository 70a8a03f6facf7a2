import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterAll } from 'vitest';

interface OtlpAttribute {
  readonly key: string;
  readonly value: { readonly stringValue?: string; readonly intValue?: number };
}

interface OtlpSpan {
  readonly traceId: string;
  readonly spanId: string;
  readonly parentSpanId?: string;
  readonly name: string;
  readonly kind: number;
  readonly attributes: readonly OtlpAttribute[];
  readonly status: { readonly code: number; readonly message?: string };
}

interface OtlpBody {
  readonly resourceSpans: readonly {
    readonly resource: { readonly attributes: readonly OtlpAttribute[] };
    readonly scopeSpans: readonly { readonly spans: readonly OtlpSpan[] }[];
  }[];
}

/** A span, with those that it is the parent of in the order of their names. */
export interface SpanTree {
  readonly name: string;
  readonly kind: 'internal' | 'server' | 'client';
  readonly failed: boolean;
  readonly attributes: Readonly<Record<string, string | number>>;
  readonly children: readonly SpanTree[];
}

/** A collector of OpenTelemetry's, as far as a client of it can see. */
export interface Collector {
  /** To be the value of OTEL_EXPORTER_OTLP_ENDPOINT. */
  readonly url: string;
  /** The content type of each request, and the text of its body as it came, decoded as Latin-1. */
  readonly received: readonly { readonly type: string | undefined; readonly text: string }[];
  /** How it answers: with this status, or never. */
  answer: number | 'never';
  /** How many requests it answered with another status than 200, or never. */
  refused: number;
  /** What is known of a trace that was sent as JSON: its spans below the given one, which need not be sent. */
  childrenOf(traceId: string, spanId?: string): SpanTree[];
  /** What the sender says of itself. */
  resource(): Readonly<Record<string, string | number>>;
}

const valuesOf = (attributes: readonly OtlpAttribute[]) =>
  Object.fromEntries(attributes.map(({ key, value }) => [key, value.stringValue ?? Number(value.intValue)]));

const kinds = ['internal', 'internal', 'server', 'client'] as const;

/** Starts a collector that listens on loopback until the end of the file's tests. */
export async function startCollector(): Promise<Collector> {
  const received: { type: string | undefined; text: string }[] = [];
  const server = createServer((request, response) => {
    const chunks: Buffer[] = [];
    request.on('data', (chunk: Buffer) => chunks.push(chunk));
    request.on('end', () => {
      const text = Buffer.concat(chunks).toString('latin1');
      if (collector.answer === 200) received.push({ type: request.headers['content-type'], text });
      else collector.refused += 1;
      if (collector.answer === 'never') return;
      response.writeHead(collector.answer, { 'content-type': 'application/json' }).end('{}');
    });
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  afterAll(() => {
    server.closeAllConnections();
    server.close();
  });

  const bodies = (): OtlpBody[] =>
    received.filter(({ type }) => type === 'application/json').map(({ text }) => JSON.parse(text));
  const spans = () =>
    bodies().flatMap(({ resourceSpans }) =>
      resourceSpans.flatMap(({ scopeSpans }) => scopeSpans.flatMap((scope) => scope.spans)),
    );
  const collector: Collector = {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    received,
    answer: 200,
    refused: 0,
    childrenOf: (traceId, parentSpanId) =>
      spans()
        .filter((span) => span.traceId === traceId && span.parentSpanId === parentSpanId)
        .map((span) => ({
          name: span.name,
          kind: kinds[span.kind] ?? 'internal',
          failed: span.status.code === 2,
          attributes: valuesOf(span.attributes),
          children: collector.childrenOf(traceId, span.spanId),
        }))
        .sort((a, b) => a.name.localeCompare(b.name)),
    resource: () => valuesOf(bodies()[0]?.resourceSpans[0]?.resource.attributes ?? []),
  };
  return collector;
}

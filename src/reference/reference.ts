import type { Answer } from '../http/answer.ts';
import type { Arrival } from '../http/arrival.ts';
import { faultOfMethod } from '../http/door.ts';
import { madeOnce } from '../http/made-once.ts';
import type { PageOptions } from './page.ts';

const methods = ['GET', 'HEAD'];

// Loaded when first asked for, and made once: most gateways never show them.
const makers: Readonly<Record<string, (options: PageOptions) => Promise<Answer>>> = {
  '/': async () => ({ status: 302, headers: { location: '/docs' }, body: '' }),
  '/docs': async (options) => (await import('./page.ts')).renderPage(options),
  '/docs/renderer.js': async () => (await import('./renderer.ts')).readRenderer(),
  '/api/v1/openapi.json': async () => (await import('../openapi/answer.ts')).openApiAnswer(),
};

/** Whether a path is one of the reference's. */
export const isReferencePath = (path: string): boolean => Object.hasOwn(makers, path);

/** Shows a page of the reference; undefined when something else is asked for. */
export type ShowReference = (arrival: Arrival) => Promise<Answer> | undefined;

/**
 * The reference for those who integrate: `/docs` for people, to which `/` leads, and `/api/v1/openapi.json` for
 * programs. No key needed; exact paths.
 */
export function createReference(options: PageOptions): ShowReference {
  const pages = new Map(
    Object.entries(makers).map(([path, make]) => [path, madeOnce(() => make(options))] as const),
  );
  return ({ path, method }) => {
    const page = pages.get(path);
    if (page === undefined) return undefined;
    const fault = faultOfMethod({ methods }, method);
    if (fault !== undefined) throw fault;
    return page();
  };
}

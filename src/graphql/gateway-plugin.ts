import type { Plugin } from 'graphql-yoga';
import type { RequestContext } from '../context.ts';

/** One behaviour of the GraphQL door, as a plugin of Yoga's. */
export type GatewayPlugin = Plugin<object, RequestContext>;

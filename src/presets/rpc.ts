/**
 * Clients of services whose answers may be streams.
 */
import type { GeneratorCall } from '../types';
import { at, type OwnPreset } from './preset';

/** A subscription that its signal aborts ends without an error. */
const procedure = {
  module: '@trpc/client',
  versions: '>=11.0.0',
  spanName: nameOfProcedure,
  abortSignal: ({ args }: GeneratorCall) => at(args[2], 'signal'),
};

/** What a query gives, a value or a stream, is known only when it is there. */
export const trpc: OwnPreset = {
  name: 'trpc',
  traces:
    'queries and mutations of clients, streamed (httpBatchStreamLink) or whole, and subscriptions that are iterated over',
  spans: 'trpc.posts.list',
  targets: [
    { ...procedure, exports: ['TRPCUntypedClient#query', 'TRPCUntypedClient#mutation'] },
    { ...procedure, exports: ['TRPCUntypedClient#subscription'], isLazy: true, shouldTrace: hasNoCallbacks },
  ],
};

function nameOfProcedure({ args: [path] }: GeneratorCall): string {
  return typeof path === 'string' && /^[\w$.-]+$/.test(path) ? `trpc.${path}` : 'trpc';
}

/** With callbacks, a subscription is nothing to iterate over. */
function hasNoCallbacks({ args: [, , options] }: GeneratorCall): boolean {
  const callbacks = ['onData', 'onStarted', 'onError', 'onComplete', 'onStopped', 'onConnectionStateChange'];
  return !callbacks.some((name) => typeof at(options, name) === 'function');
}

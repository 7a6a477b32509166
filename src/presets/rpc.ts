/**
 * Clients of services whose answers may be streams.
 */
import type { GeneratorCall } from '../types';
import { at, classOf, listAt, textAt, type OwnPreset } from './preset';

const CREATE_CLIENT = 'createClient';
const STREAMING: readonly string[] = ['server_streaming', 'bidi_streaming'];

/** `Code.Canceled`. */
const CANCELED = 1;

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

/** A client is made of functions, one for each method of its service. */
export const connect: OwnPreset = {
  name: 'connect',
  traces: 'the streams that methods of clients give',
  spans: 'connect.shop.v1.OrderService/Watch',
  targets: [
    {
      module: '@connectrpc/connect',
      versions: '>=2.0.0',
      exports: [`${CREATE_CLIENT}().*`],
      spanName: nameOfMethod,
      shouldTrace: givesStream,
      abortSignal: ({ args }) => at(args[1], 'signal'),
      classifyError: (error) =>
        at(error, 'code') === CANCELED && classOf(error) === 'ConnectError' ? 'aborted' : undefined,
    },
  ],
};

/** What the service says of the method that is called. */
function methodOf({ exportPath, factoryArgs = [] }: GeneratorCall): unknown {
  const name = exportPath.slice(CREATE_CLIENT.length + 1);
  return listAt(factoryArgs[0], 'methods').find((method) => textAt(method, 'localName') === name);
}

function nameOfMethod(call: GeneratorCall): string {
  const service = textAt(call.factoryArgs?.[0], 'typeName');
  const method = textAt(methodOf(call), 'name');
  return service === undefined || method === undefined ? 'connect' : `connect.${service}/${method}`;
}

/** All other methods give a promise of one message. */
function givesStream(call: GeneratorCall): boolean {
  const kind = textAt(methodOf(call), 'methodKind');
  return kind === undefined || STREAMING.includes(kind);
}

/**
 * Clients of databases, and GraphQL: what a query or a subscription returns is read as a stream.
 */
import { errorType } from '../telemetry/errors';
import type { GeneratorCall } from '../types';
import { classOf, textAt, type OwnPreset } from './preset';

/** Whatever iterates over a stream of Node's gets the iterator of Readable, which QueryStream inherits. */
export const pg: OwnPreset = {
  name: 'pg',
  traces: 'queries that are read as a stream (pg-query-stream)',
  spans: 'pg.QueryStream',
  targets: [
    {
      module: 'pg-query-stream',
      versions: '>=3.0.0',
      exports: ['default#[Symbol.asyncIterator]'],
      spanName: 'pg.QueryStream',
    },
  ],
};

/** The class is in a file that neither entry point exports, one for each format. */
export const postgres: OwnPreset = {
  name: 'postgres',
  traces: 'cursors of Postgres.js',
  spans: 'postgres.cursor',
  targets: ['postgres/cjs/src/query.js', 'postgres/src/query.js'].map((module) => ({
    module,
    versions: '>=3.0.0',
    exports: ['Query#cursor'],
    spanName: 'postgres.cursor',
    // Rows that a callback gets are no stream.
    shouldTrace: ({ args }) => !args.some((argument) => typeof argument === 'function'),
    classifyError: (error) => (isCancelled(error) ? 'aborted' : undefined),
  })),
};

/** What `query.cancel()` leads to, on the server or before it has heard of the query. A timeout of the server's has the same code. */
function isCancelled(error: unknown): boolean {
  return textAt(error, 'code') === '57014' && textAt(error, 'message')?.endsWith('user request') === true;
}

/** Clients of `redis` inherit their methods from a class that no entry point exports. */
export const redis: OwnPreset = {
  name: 'redis',
  traces: 'scans: the iterators of redis, the streams of ioredis',
  spans: 'redis.scanIterator, ioredis.scanStream',
  targets: [
    {
      module: '@redis/client/dist/lib/client/index.js',
      versions: '>=1.0.0',
      exports: ['default#*Iterator'],
      // Of a client that `withAbortSignal()` has made. Its class is called so, and the error is not.
      classifyError: (error) => (errorType(error) === 'AbortError' ? 'aborted' : undefined),
      spanName: ({ exportPath }) => `redis.${exportPath.slice(exportPath.lastIndexOf('.') + 1)}`,
    },
    {
      module: 'ioredis',
      versions: '>=4.0.0',
      exports: ['ScanStream#[Symbol.asyncIterator]'],
      spanName: ({ thisArg }) => `ioredis.${textAt(thisArg, 'opt', 'command') ?? 'scan'}Stream`,
    },
  ],
  users: { modules: /^redis$/, versions: '>=4.1.0' },
};

/** `forEach` and `toArray` iterate over the cursor, too; a stream does not. */
export const mongodb: OwnPreset = {
  name: 'mongodb',
  traces: 'cursors and change streams',
  spans: 'mongodb.FindCursor, mongodb.ChangeStream',
  targets: [
    {
      module: 'mongodb',
      versions: '>=4.0.0',
      exports: [
        'AbstractCursor#[Symbol.asyncIterator]',
        'AbstractCursor#stream',
        'ChangeStream#[Symbol.asyncIterator]',
      ],
      spanName: ({ exportPath, thisArg }: GeneratorCall) => `mongodb.${classOf(thisArg) ?? exportPath}`,
    },
  ],
};

export const graphql: OwnPreset = {
  name: 'graphql',
  traces: 'subscriptions',
  spans: 'graphql.subscribe',
  targets: [{ module: 'graphql', versions: '>=15.0.0', exports: ['subscribe'], spanName: 'graphql.subscribe' }],
};

/** Streams of a consumer, by whatever iterates over them. */
export const kafka: OwnPreset = {
  name: 'kafka',
  traces: 'messages that a consumer of @platformatic/kafka reads as a stream',
  spans: 'kafka.MessagesStream',
  targets: [
    {
      module: '@platformatic/kafka',
      versions: '>=1.0.0',
      exports: ['MessagesStream#[Symbol.asyncIterator]'],
      spanName: 'kafka.MessagesStream',
    },
  ],
};

import type { GeneratorCall } from '../types';
import type { OwnPreset } from './preset';

/**
 * The paginators (`paginateListObjectsV2` and others). Clients since 3.478 (December 2023) make all of them with this one function;
 * those of older clients need a target of their own (`@aws-sdk/client-s3[paginate*]`).
 */
export const awsSdk: OwnPreset = {
  name: 'aws-sdk',
  traces: 'all paginators of the AWS SDK (clients since 3.478)',
  spans: 'S3.ListObjectsV2',
  targets: [{ module: '@smithy/core', exports: ['createPaginator()'], spanName: nameOfOperation }],
  users: { modules: /^@aws-sdk\/client-[^/]+$/, versions: '>=3.478.0' },
};

/** `S3.ListObjectsV2` for what `createPaginator(S3Client, ListObjectsV2Command, ...)` has made. */
function nameOfOperation({ exportPath, factoryArgs = [] }: GeneratorCall): string {
  const service = nameWithout('Client', factoryArgs[0]);
  const operation = nameWithout('Command', factoryArgs[1]);
  return service === undefined || operation === undefined ? exportPath : `${service}.${operation}`;
}

/** The name of a class, without what the names of all such classes end in. */
function nameWithout(suffix: string, constructor: unknown): string | undefined {
  if (typeof constructor !== 'function' || constructor.name === '') return undefined;
  return constructor.name.endsWith(suffix) ? constructor.name.slice(0, -suffix.length) : constructor.name;
}

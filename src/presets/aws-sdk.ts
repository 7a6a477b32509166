/**
 * The paginators of the AWS SDK (`paginateListObjectsV2` and the like). Clients since 3.478 (December 2023) make all of
 * them with this one function; those of older clients need a target of their own (`@aws-sdk/client-s3[paginate*]`).
 */
import type { GeneratorCall, TargetConfig } from '../types';

export const awsSdk: readonly TargetConfig[] = [
  { module: '@smithy/core', exports: ['createPaginator()'], spanName: nameOfOperation },
];

/** `S3.ListObjectsV2` for what `createPaginator(S3Client, ListObjectsV2Command, ...)` has made. */
function nameOfOperation({ exportPath, factoryArgs = [] }: GeneratorCall): string {
  const service = nameWithout('Client', factoryArgs[0]);
  const operation = nameWithout('Command', factoryArgs[1]);
  return service === undefined || operation === undefined ? exportPath : `${service}.${operation}`;
}

/** The name of a class, without what all of its kind end in. */
function nameWithout(suffix: string, constructor: unknown): string | undefined {
  if (typeof constructor !== 'function' || constructor.name === '') return undefined;
  return constructor.name.endsWith(suffix) ? constructor.name.slice(0, -suffix.length) : constructor.name;
}

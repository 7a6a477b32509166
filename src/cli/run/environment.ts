/**
 * What `register` is told in the application's environment.
 */
import * as path from 'node:path';
import { PREFIX } from '../../options/sources';
import { RUN_REPORT_VARIABLE } from '../../run-report/protocol';
import type { RunOptions } from './options';

const TARGETS = `${PREFIX}TARGETS`;
const PRESETS = `${PREFIX}PRESETS`;
const CONFIG_FILE = `${PREFIX}CONFIG_FILE`;

const FILES = '**/*.{js,cjs,mjs,jsx,ts,cts,mts,tsx}';
const SIGNALS = ['TRACES', 'METRICS', 'LOGS'];
/** Where collectors listen for OTLP over gRPC. */
const GRPC_PORT = '4317';

type WhatToTrace = Pick<RunOptions, 'targets' | 'presets' | 'configFile' | 'file'>;

/** The variables that the command adds to those that it has itself. `undefined` takes one away. */
export function environmentFor(
  options: WhatToTrace & Pick<RunOptions, 'otlp'>,
  env: NodeJS.ProcessEnv,
  cwd: string,
  reportFile: string,
): NodeJS.ProcessEnv {
  return {
    [RUN_REPORT_VARIABLE]: reportFile,
    ...whatToTrace(options, env, cwd),
    ...(options.otlp === undefined ? exportNothing(env) : exportTo(options.otlp, env)),
  };
}

/** Whether nobody has said what to trace: neither options, nor the environment, nor a file. */
export function isTracingEverything({ targets, presets, configFile }: WhatToTrace, env: NodeJS.ProcessEnv): boolean {
  const given = [targets, presets, configFile, env[TARGETS], env[PRESETS], env[CONFIG_FILE], env.OTEL_CONFIG_FILE];
  return given.every((each) => each === undefined || each === '');
}

function whatToTrace(options: WhatToTrace, env: NodeJS.ProcessEnv, cwd: string): NodeJS.ProcessEnv {
  if (isTracingEverything(options, env)) return { [TARGETS]: ownFiles(options.file, cwd), [PRESETS]: 'all' };
  const { targets, presets, configFile } = options;
  return {
    ...(targets !== undefined && { [TARGETS]: targets }),
    ...(presets !== undefined && { [PRESETS]: presets }),
    ...(configFile !== undefined && { [CONFIG_FILE]: configFile }),
  };
}

/** All of the working directory, and of the application's folder if that is elsewhere. */
function ownFiles(file: string, cwd: string): string {
  const folder = path.dirname(file);
  const relative = path.relative(cwd, folder);
  const isElsewhere = relative.startsWith('..') || path.isAbsolute(relative);
  // A folder whose name reads as a part of the shorthand cannot be named in it.
  const folders = isElsewhere && !/[;*?{}[\]]/.test(folder) ? ['.', folder] : ['.'];
  return folders.map((each) => `${each}/${FILES}`).join(';');
}

/** The timeline needs no exporter. One that the user has chosen stays. */
function exportNothing(env: NodeJS.ProcessEnv): NodeJS.ProcessEnv {
  const names = SIGNALS.map((signal) => `OTEL_${signal}_EXPORTER`);
  return Object.fromEntries(names.filter((name) => !env[name]).map((name) => [name, 'none']));
}

/** The option wins over what the environment says of single signals. */
function exportTo(url: URL, env: NodeJS.ProcessEnv): NodeJS.ProcessEnv {
  const endpoint = url.href.replace(/\/+$/, '').replace(/\/v1\/traces$/, '');
  const protocol = url.port === GRPC_PORT ? 'grpc' : 'http/protobuf';
  return {
    OTEL_EXPORTER_OTLP_ENDPOINT: endpoint,
    ...(!env.OTEL_EXPORTER_OTLP_PROTOCOL && { OTEL_EXPORTER_OTLP_PROTOCOL: protocol }),
    ...Object.fromEntries(
      SIGNALS.flatMap((signal) => [
        [`OTEL_${signal}_EXPORTER`, 'otlp'],
        [`OTEL_EXPORTER_OTLP_${signal}_ENDPOINT`, undefined],
        [`OTEL_EXPORTER_OTLP_${signal}_PROTOCOL`, undefined],
      ]),
    ),
  };
}

/**
 * What an application that contains no line about tracing is traced with: environment variables, then a file.
 */
import type { AsyncGeneratorInstrumentationConfig } from '../types';
import { PREFIX, readBoolean, readList, readString } from './environment';
import { resolveConfig } from './validate';

export interface ZeroCodeConfig {
  /** OTEL_SDK_DISABLED=true: nothing at all is to be started. */
  readonly sdkDisabled: boolean;
  /**
   * False: this instrumentation is switched off (`..._ENABLED=false`, or `async-generator` in
   * `OTEL_NODE_DISABLED_INSTRUMENTATIONS`); the SDK may still start.
   */
  readonly enabled: boolean;
  /** What `new AsyncGeneratorInstrumentation()` and `registerImportHooks()` are given. They do not throw on it. */
  readonly instrumentation: AsyncGeneratorInstrumentationConfig;
  /** One line each, for `diag.error`: where, what, what would be right. */
  readonly problems: readonly string[];
}

/**
 * Reads the configuration. Never throws: what is wrong in it is left out and described in `problems`.
 *
 * @param cwd directory that relative paths in environment variables start at
 */
export function readZeroCodeConfig(env: NodeJS.ProcessEnv, cwd: string): ZeroCodeConfig {
  const problems: string[] = [];
  const sdkDisabled = readBoolean(env, 'OTEL_SDK_DISABLED', problems) ?? false;
  const disabled = readList(env, 'OTEL_NODE_DISABLED_INSTRUMENTATIONS').includes('async-generator');
  const enabled = (readBoolean(env, `${PREFIX}ENABLED`, problems) ?? true) && !disabled;
  const instrumentation: AsyncGeneratorInstrumentationConfig = {
    targets: readString(env, `${PREFIX}TARGETS`) ?? [],
    baseDir: cwd,
  };
  try {
    resolveConfig(instrumentation);
  } catch (error) {
    problems.push(`${PREFIX}TARGETS: ${(error as Error).message}`);
    return { sdkDisabled, enabled, instrumentation: {}, problems };
  }
  return { sdkDisabled, enabled, instrumentation, problems };
}

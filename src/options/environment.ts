/**
 * Environment variables, read as OpenTelemetry's specification says: one that is empty counts as not set, and only
 * "true", in any case, is true.
 *
 * https://opentelemetry.io/docs/specs/otel/configuration/sdk-environment-variables/
 */
import { invalid } from './invalid';

/** What every variable of ours starts with: `OTEL_INSTRUMENTATION_<name of the instrumentation>_`. */
export const PREFIX = 'OTEL_INSTRUMENTATION_ASYNC_GENERATOR_';

/** The value without white space around it. Undefined if nothing is left. */
export function readString(env: NodeJS.ProcessEnv, name: string): string | undefined {
  const text = env[name]?.trim();
  return text === '' ? undefined : text;
}

/** A value that is neither true nor false is false, with a warning: a switch that is to be off must not stay on. */
export function readBoolean(env: NodeJS.ProcessEnv, name: string, warnings: string[]): boolean | undefined {
  const text = readString(env, name);
  switch (text?.toLowerCase()) {
    case undefined:
      return undefined;
    case 'true':
      return true;
    case 'false':
      return false;
    default:
      warnings.push(`${invalid(name, text, '"true" or "false"').message}. It counts as "false"`);
      return false;
  }
}

/** Variables of ours that do not exist: a name with a typing error in it would be passed over. */
export function unknownVariables(env: NodeJS.ProcessEnv, known: readonly string[]): string[] {
  return Object.keys(env).filter(
    (name) => name.startsWith(PREFIX) && !known.includes(name) && readString(env, name) !== undefined,
  );
}

/** The entries of a comma-separated list, without those that are empty. */
export function readList(env: NodeJS.ProcessEnv, name: string): string[] {
  const entries = readString(env, name)?.split(',') ?? [];
  return entries.map((entry) => entry.trim()).filter((entry) => entry !== '');
}

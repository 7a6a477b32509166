/**
 * Precedence: what the program says, then the environment, then files, then the defaults.
 */
import type { AsyncGeneratorInstrumentationConfig } from '../types';
import { readOutsideConfig } from './zero-code';

export interface CompletedConfig {
  readonly config: AsyncGeneratorInstrumentationConfig;
  /** Whether environment or file switch the instrumentation off. `enabled: true` in the program is against that. */
  readonly isSwitchedOff: boolean;
}

/**
 * The program's configuration, with what it leaves out taken from outside. Option by option, but for `baseDir`, which
 * belongs to the targets.
 */
export function completeConfig(config: AsyncGeneratorInstrumentationConfig): CompletedConfig {
  const outside = readOutsideConfig();
  // What is no object, the validation has something to say about.
  if (outside === undefined || typeof config !== 'object' || config === null || Array.isArray(config)) {
    return { config, isSwitchedOff: false };
  }
  const completed: Record<string, unknown> = { ...config };
  for (const [option, value] of Object.entries(outside.instrumentation)) {
    // A null is a mistake in the program, and not a way to leave something out.
    if (completed[option] === undefined) completed[option] = value;
  }
  if (config.targets !== undefined) completed.baseDir = config.baseDir;
  const isSwitchedOff = !outside.enabled && config.enabled !== true;
  if (isSwitchedOff) completed.enabled = false;
  return { config: completed, isSwitchedOff };
}

import type { Attributes, SpanKind } from '@opentelemetry/api';
import type { ErrorClassifier } from '../trace/plan';
import type { GeneratorCall, PresetName, ThenableMember } from '../types';
import type { ModulePattern } from './module-pattern';
import type { Selector } from './selector';

/** A target with everything parsed and every default filled in. */
export interface Target {
  /** Shorthand form, as reports call it. */
  readonly text: string;
  /** The preset that it comes from. Undefined for what the user named, which wins over presets. */
  readonly preset: PresetName | undefined;
  readonly module: ModulePattern;
  /** Semver range. */
  readonly versions: string | undefined;
  readonly selectors: readonly Selector[];
  /** Those of the selectors that select what is written in a file. With any of them, the target sees its files as source. */
  readonly definitions: readonly Selector[];
  readonly exclude: readonly Selector[];
  readonly spanName: string | ((call: GeneratorCall) => string) | undefined;
  readonly spanKind: SpanKind;
  readonly attributes: Attributes;
  readonly startOn: 'pull' | 'call';
  readonly shouldTrace: ((call: GeneratorCall) => boolean) | undefined;
  /** Asked where the instrumentation's own does not decide. Only of presets. */
  readonly classifyError: ErrorClassifier | undefined;
  readonly thenableMembers: readonly ThenableMember[];
  /** Only of presets. */
  readonly closeMembers: readonly string[];
}

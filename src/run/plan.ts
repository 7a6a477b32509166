import type { Attributes, SpanKind } from '@opentelemetry/api';
import type { GeneratorCall, RunHooks } from '../types';

/** How the runs of one traced function are traced: configuration with every default filled in. */
export interface RunPlan extends Omit<RunHooks, 'shouldTrace'> {
  /** Identity of the target: an object that carries a run of it starts no second one. */
  readonly target: object;
  /** Then a target that the user named takes the function over. */
  readonly isOfPreset?: boolean;
  readonly moduleName: string | undefined;
  readonly moduleVersion: string | undefined;
  readonly exportPath: string;
  readonly spanName: string | ((call: GeneratorCall) => string);
  readonly spanKind: SpanKind;
  /** Everything that is known before the call. */
  readonly attributes: Attributes;
  readonly startOn: 'pull' | 'call';
  readonly timing: boolean;
  readonly contextFrom: 'pull' | 'creation';
  readonly preserveUnhandledRejections: boolean;
  readonly requireParentSpan: boolean;
  /** All must agree. */
  readonly shouldTrace: readonly ((call: GeneratorCall) => boolean)[];
}

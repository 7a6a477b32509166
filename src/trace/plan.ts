import type { Attributes, SpanKind } from '@opentelemetry/api';
import type { GenAiReader } from '../telemetry/gen-ai/reader';
import type { ErrorClassifier, GeneratorCall, ResolvedRunOptions, ThenableMember } from '../types';

/** How the runs of one traced function are traced: configuration with every default filled in. */
export interface RunPlan extends Omit<ResolvedRunOptions, 'shouldTrace' | 'classifyError'> {
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
  /** All must agree. */
  readonly shouldTrace: readonly ((call: GeneratorCall) => boolean)[];
  /** The first counts that decides. */
  readonly classifyError: readonly ErrorClassifier[];
  /** Of the thenables that the function returns. */
  readonly thenableMembers: readonly ThenableMember[];
  /** Methods that close what the function returns, beside the language's own: `close`, `controller.abort`. */
  readonly closeMembers: readonly string[];
  /** The method that the iterations of what the function returns come from, where that is not `Symbol.asyncIterator`. */
  readonly iteratorMember?: string | undefined;
  /** The signal that a call was given to be aborted by. */
  readonly abortSignal?: ((call: GeneratorCall) => unknown) | undefined;
  /** Of a function that returns the iterator of a helper, and has no run: the signal of the request, which the iterator's `return` aborts. */
  readonly leavingSignal?: ((call: GeneratorCall) => unknown) | undefined;
  /** Whether what the function returns does nothing before it is iterated over: without an iteration there is no run. */
  readonly isLazy: boolean;
  /** The error that an item, or the value of a call, tells of; undefined for others. */
  readonly errorOf?: ((item: unknown) => unknown) | undefined;
  /** How the requests and chunks of a client for models are read. */
  readonly genAi?: GenAiReader | undefined;
}

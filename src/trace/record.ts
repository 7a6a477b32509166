import type { HrTime, Span } from '@opentelemetry/api';
import type { RunTimes } from './times';

/** Who ends the run. */
interface RecordLifecycle {
  readonly plan: { readonly target: object };
  interrupt(record: RunRecord): void;
}

/**
 * What outlives a generator that nobody closed: it is the held value of a FinalizationRegistry and an entry of the list
 * of open runs. It therefore must never reach the generator, directly or through a context, an argument or a closure,
 * or the generator would never be collected: it holds the span, numbers, and what it shares with other runs of the function, nothing else.
 */
export class RunRecord {
  ended = false;
  itemCount = 0;
  pendingPulls = 0;
  /** Whether the last item is what `return` gave, and nothing has been pulled since: the consumer has left. */
  yieldedAtReturn = false;
  /** Whether it is the held value of the registry. */
  isRegistered = false;
  /** Its place among those that are yet to be registered, or -1. */
  youngIndex = -1;
  /** Whether the program is closing what the run is of: whatever its pulls come to meanwhile comes of that. */
  isClosing = false;
  /** While the call that the run began with has not given its result. */
  isCalling = false;
  /** Meanwhile: the run in whose body that call was made. */
  caller: RunRecord | undefined;
  /** Its neighbours among the open runs. */
  previous: RunRecord | undefined;
  next: RunRecord | undefined;
  isListed = false;

  constructor(
    readonly lifecycle: RecordLifecycle,
    readonly span: Span,
    /** Id of the span, which is that of the run. */
    readonly id: string | undefined,
    /** Whether anybody wants to know: an unsampled span keeps its context, but its pulls are not observed. */
    readonly recording: boolean,
    readonly times: RunTimes,
    /** When it started, on the wall clock. */
    readonly startTime: HrTime,
    /** The id of the run whose body pulled first, which need not be the parent: errors of the run go there. */
    readonly outerRun: string | undefined,
  ) {}

  /** The call of a function of `target`, of those that are under way here, which may return what is made here. */
  callOf(target: object): RunRecord | undefined {
    // eslint-disable-next-line @typescript-eslint/no-this-alias -- where the search begins
    let at: RunRecord | undefined = this;
    while (at !== undefined && !(at.isCalling && at.lifecycle.plan.target === target)) at = at.caller;
    return at;
  }
}

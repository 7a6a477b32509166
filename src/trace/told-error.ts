/**
 * Errors that a client does not throw: it gives them as an item, and then ends the stream like any other.
 */
import { isObjectLike, OwnWeakRef } from '../base/intrinsics';
import { toException, type RecordedException } from '../telemetry/errors';

/**
 * The outcome of a run whose client has told of an error. It is part of the run's record, so it reaches the error only weakly: an error may lead to
 * its request, and to what the program reads.
 */
export class ToldError {
  private readonly primitive: unknown;
  private readonly ref: WeakRef<object> | undefined;
  private readonly description: RecordedException | undefined;

  constructor(
    error: unknown,
    readonly outcome: 'failed' | 'aborted',
  ) {
    if (isObjectLike(error)) {
      this.ref = new OwnWeakRef(error);
      this.description = toException(error);
    } else this.primitive = error;
  }

  /** The very error, by which it is known in the runs around, or what it said if the program has not kept it. */
  get error(): unknown {
    return this.ref === undefined ? this.primitive : (this.ref.deref() ?? this.description);
  }
}

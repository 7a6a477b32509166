import { readClock } from '../base/clock';

// Taken at load: a program may put another in its place.
const TimesArray = BigInt64Array;

/** Where in its array a run has which time. */
const STARTED = 0;
const LAST_ACTIVITY = 1;
const PENDING_SINCE = 2;
const PRODUCER = 3;
const FIRST_ITEM = 4;
const LENGTH = 5;

// The engine takes longer to make a number of a bigint than to put one together from its halves.
const bits = new TimesArray(1);
const low = new Uint32Array(bits.buffer);
const high = new Int32Array(bits.buffer);
const [LOW, HIGH] = new Uint8Array(new Uint32Array([1]).buffer)[0] === 1 ? [0, 1] : [1, 0];

/**
 * The times of one run, in nanoseconds on the monotonic clock.
 *
 * They stay in a typed array, where the engine computes with 64-bit integers. As bigints each would be garbage; to make a number of each would add a
 * third to the time that the clock takes.
 */
export class RunTimes {
  private readonly times = new TimesArray(LENGTH);
  private wasPulled = false;

  constructor() {
    this.times[STARTED] = this.times[LAST_ACTIVITY] = readClock();
  }

  /** The same times, for one of several runs that began together. */
  copy(): RunTimes {
    const copy = new RunTimes();
    for (let index = 0; index < LENGTH; index++) copy.times[index] = this.times[index] as bigint;
    copy.wasPulled = this.wasPulled;
    return copy;
  }

  /** Something has happened just now. */
  touch(): void {
    this.times[LAST_ACTIVITY] = readClock();
  }

  /** A pull is pending, where none was. The first has been since the start, while the span was made. */
  pendingStarted(): void {
    const { times } = this;
    if (this.wasPulled) this.touch();
    this.wasPulled = true;
    times[PENDING_SINCE] = times[LAST_ACTIVITY] as bigint;
  }

  /** No pull is pending any more, as of the last activity. */
  pendingEnded(): void {
    const { times } = this;
    times[PRODUCER] =
      (times[PRODUCER] as bigint) + ((times[LAST_ACTIVITY] as bigint) - (times[PENDING_SINCE] as bigint));
  }

  /** The first item came with the last activity. */
  firstItemCame(): void {
    this.times[FIRST_ITEM] = this.times[LAST_ACTIVITY] as bigint;
  }

  /** From the start to the last activity. */
  get duration(): number {
    return this.between(STARTED, LAST_ACTIVITY);
  }

  /** From the start to the first item. Only if there was one. */
  get toFirstItem(): number {
    return this.between(STARTED, FIRST_ITEM);
  }

  /**
   * How long pulls were pending, up to the last activity.
   *
   * @param isPending whether one is now
   */
  producer(isPending: boolean): number {
    const pending = isPending ? this.between(PENDING_SINCE, LAST_ACTIVITY) : 0;
    return toNumber(this.times[PRODUCER] as bigint) + pending;
  }

  private between(from: number, to: number): number {
    const { times } = this;
    return toNumber((times[to] as bigint) - (times[from] as bigint));
  }
}

function toNumber(nanoseconds: bigint): number {
  bits[0] = nanoseconds;
  return (high[HIGH] as number) * 2 ** 32 + (low[LOW] as number);
}

/**
 * By entering async context frames (see frames.ts).
 *
 * `context.with` goes by `AsyncLocalStorage.run`, which copies the whole frame twice: some 265 ns a pull, and ten times that
 * with ten AsyncLocalStorages in use. Here the body's frame is made once for each frame that the consumer pulls from.
 *
 * What makes it sound, each point a case in test/trace/context.test.ts:
 * - A frame is never changed in place but by `AsyncLocalStorage.disable()`, which makes it smaller: the same frame of the
 *   same size is the same in every respect.
 * - What the body does to its frame in its synchronous part (`enterWith`, `disable`) reaches the consumer, as it does
 *   untraced and through `context.with`: it is looked for after every pull, and done again in the consumer's frame.
 * - The consumer's frame is the very same before and after, so that any number of runs can be pulled in turn, or inside one another.
 */
import { AsyncLocalStorage } from 'node:async_hooks';
import { activeContext, callWith, contextManager } from '../context-manager';
import { uncurryThis, type AnyFunction } from '../../base/intrinsics';
import type { BodyContext, BodyContexts, Fork } from './body-contexts';
import type { ContextSwitch } from './context-switch';
import { forEachIn, isIn, sizeOf, storeIn, type Frame, type Frames } from './frames';
import type { KnownManager } from './known-manager';

type Storage = AsyncLocalStorage<unknown>;

const { enterWith, disable } = AsyncLocalStorage.prototype;
const enter = uncurryThis(enterWith as AnyFunction) as (storage: Storage, store: unknown) => void;
const disableStorage = uncurryThis(disable as AnyFunction) as (storage: Storage) => void;

/** The frame of a body, and the one of the consumer that it was made out of. */
interface Entered {
  readonly consumer: Frame | undefined;
  readonly consumerSize: number;
  readonly body: Frame | undefined;
  readonly bodySize: number;
  /** Where the manager keeps contexts. */
  readonly storage: Storage | undefined;
}

/** No frame is this one. */
const NO_FRAME: Frame = new Map();
const NOT_YET: Entered = { consumer: NO_FRAME, consumerSize: 0, body: NO_FRAME, bodySize: 0, storage: undefined };

export class FrameSwitch implements ContextSwitch {
  private entered = NOT_YET;

  constructor(
    private readonly contexts: BodyContexts,
    private readonly frames: Frames,
    private readonly known: KnownManager<Storage>,
  ) {}

  enter(): object | undefined {
    const { entered, frames } = this;
    const consumer = frames.current();
    if (
      consumer === entered.consumer &&
      sizeOf(consumer) === entered.consumerSize &&
      sizeOf(entered.body) === entered.bodySize &&
      contextManager() === this.known.manager
    ) {
      frames.set(entered.body);
      return entered;
    }
    return this.enterAnew(consumer);
  }

  leave(entered: Entered): void {
    const { frames } = this;
    const { body, bodySize, consumer } = entered;
    const left = frames.current();
    frames.set(consumer);
    if (left !== body || sizeOf(body) !== bodySize) this.carryOver(entered, left);
  }

  run<A, B, Result>(fn: (a: A, b: B) => Result, a: A, b: B): Result {
    const body = this.contexts.during(activeContext());
    const { fork } = body;
    if (fork !== undefined) return callWith(body.context, (one, other) => this.callInFork(fork, fn, one, other), a, b);
    if (body.isLookedAt) return callWith(body.context, fn, a, b);
    body.isLookedAt = true;
    const outside = this.frames.current();
    return callWith(body.context, fn, a, b, () => {
      this.look(body, outside);
    });
  }

  /**
   * Makes a frame for the body out of the consumer's, and enters it.
   *
   * @returns undefined if it is not known how, or the context manager does not see the body's context in it: it has been
   * replaced by another
   */
  private enterAnew(consumer: Frame | undefined): Entered | undefined {
    const { fork, context: given } = this.contexts.during(activeContext());
    const storage = fork === undefined ? this.known.place : (fork.place as Storage);
    if (storage === undefined || (fork !== undefined && this.known.isWrapped)) return undefined;
    try {
      enter(storage, fork === undefined ? given : fork.store);
    } catch {
      // Node iterates over a Map to copy a frame, and a program may have patched that.
      return undefined;
    }
    if (contextManager() !== this.known.manager || activeContext() !== (fork?.active ?? given)) {
      this.frames.set(consumer);
      return undefined;
    }
    const body = this.frames.current();
    return (this.entered = { consumer, consumerSize: sizeOf(consumer), body, bodySize: sizeOf(body), storage });
  }

  /** The manager has made another fork, for those who want to hear of it: the body goes on with its own. */
  private callInFork<A, B, Result>(fork: Fork, fn: (a: A, b: B) => Result, a: A, b: B): Result {
    const storage = fork.place as Storage;
    const another = this.frames.current();
    enter(storage, fork.store);
    try {
      return fn(a, b);
    } finally {
      enter(storage, another && storeIn(another, storage));
    }
  }

  /** Learns from what the manager has entered. */
  private look(body: BodyContext, outside: Frame | undefined): void {
    const inside = this.frames.current();
    const active = activeContext();
    const place = this.known.looksAt(body, active) ? onlyDifference(inside, outside) : undefined;
    if (place !== undefined && inside !== undefined)
      this.known.found(body, { place, store: storeIn(inside, place), active });
  }

  /**
   * Does to the consumer's frame, which is current, what the body has done: to `body`, the one that it was given, which only
   * `disable` changes in place, and then to the one that it has `left` behind.
   */
  private carryOver({ body, consumer, storage: own }: Entered, left: Frame | undefined): void {
    this.disableMissing(consumer, body, own);
    if (left === body) return;
    // A frame of its own, as untraced: others who are in the consumer's do not see the rest.
    enter(own as Storage, consumer === undefined ? undefined : storeIn(consumer, own as Storage));
    if (left !== undefined) {
      forEachIn(left, (store, storage) => {
        if (storage === own) return;
        if (consumer === undefined || !isIn(consumer, storage) || storeIn(consumer, storage) !== store) {
          enter(storage, store);
        }
      });
    }
    this.disableMissing(this.frames.current(), left, own);
  }

  /** Takes out of `frame`, which is current, what is not in `other`; all but the manager's `own`. */
  private disableMissing(frame: Frame | undefined, other: Frame | undefined, own: Storage | undefined): void {
    if (frame === undefined) return;
    const missing: Storage[] = [];
    forEachIn(frame, (_store, storage) => {
      if (storage !== own && !(other !== undefined && isIn(other, storage))) missing[missing.length] = storage;
    });
    for (let index = 0; index < missing.length; index++) disableStorage(missing[index] as Storage);
  }
}

/** The AsyncLocalStorage that is all by which the frame `inside` differs from `outside`. */
function onlyDifference(inside: Frame | undefined, outside: Frame | undefined): Storage | undefined {
  if (inside === undefined) return undefined;
  let difference: Storage | undefined;
  let count = 0;
  forEachIn(inside, (store, storage) => {
    if (outside !== undefined && isIn(outside, storage) && storeIn(outside, storage) === store) return;
    difference = storage;
    count++;
  });
  return count === 1 ? difference : undefined;
}

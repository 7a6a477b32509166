/**
 * By entering async context frames (see frames.ts).
 *
 * `context.with` goes by `AsyncLocalStorage.run`, which copies the whole frame twice: some 265 ns a pull, and ten times that
 * with ten AsyncLocalStorages in use. Here the body's frame is made once for each frame that the consumer pulls from.
 *
 * What makes it sound, each point a case in test/run/context.test.ts:
 * - A frame is never changed in place but by `AsyncLocalStorage.disable()`, which makes it smaller: the same frame of the
 *   same size is the same in every respect.
 * - What the body does to its frame in its synchronous part (`enterWith`, `disable`) reaches the consumer, as it does
 *   untraced and through `context.with`: it is looked for after every pull, and done again in the consumer's frame.
 * - The consumer's frame is the very same before and after, so that any number of runs can be pulled in turn, or inside one another.
 */
import { context } from '@opentelemetry/api';
import { AsyncLocalStorage } from 'node:async_hooks';
import { uncurryThis, type AnyFunction } from '../intrinsics';
import { ApiSwitch } from './api-switch';
import type { BodyContexts } from './body-contexts';
import type { ContextSwitch } from './context-switch';
import { forEachIn, isIn, sizeOf, storeIn, type Frame, type Frames } from './frames';
import { contextManager } from './manager';

type Storage = AsyncLocalStorage<unknown>;

const { enterWith, disable } = AsyncLocalStorage.prototype;
const enter = uncurryThis(enterWith as AnyFunction) as (storage: Storage, store: unknown) => void;
const disableStorage = uncurryThis(disable as AnyFunction) as (storage: Storage) => void;

/** No frame is this one. */
const NONE: Frame = new Map();

export class FrameSwitch implements ContextSwitch {
  private consumer: Frame | undefined = NONE;
  private consumerSize = 0;
  private body: Frame | undefined = NONE;
  private bodySize = 0;

  constructor(
    private readonly contexts: BodyContexts,
    private readonly frames: Frames,
    private readonly manager: object,
    /** The one in which the manager keeps its contexts. */
    private readonly storage: Storage,
  ) {}

  run<A, B, Result>(fn: (a: A, b: B) => Result, a: A, b: B): Result {
    const { frames } = this;
    const consumer = frames.current();
    if (
      consumer === this.consumer &&
      sizeOf(consumer) === this.consumerSize &&
      sizeOf(this.body) === this.bodySize &&
      contextManager() === this.manager
    ) {
      frames.set(this.body);
    } else if (!this.enterAnew(consumer)) {
      return new ApiSwitch(this.contexts).run(fn, a, b);
    }
    // A body that pulls from itself changes what is remembered.
    const { body, bodySize } = this;
    try {
      return fn(a, b);
    } finally {
      const left = frames.current();
      frames.set(consumer);
      if (left !== body || sizeOf(body) !== bodySize) this.carryOver(body, left, consumer);
    }
  }

  /**
   * Makes a frame for the body out of the consumer's, and enters it.
   *
   * @returns false if the context manager does not see the body's context in it: it has been replaced by another
   */
  private enterAnew(consumer: Frame | undefined): boolean {
    const bodyContext = this.contexts.during(context.active());
    enter(this.storage, bodyContext);
    if (contextManager() !== this.manager || context.active() !== bodyContext) {
      this.frames.set(consumer);
      return false;
    }
    this.consumer = consumer;
    this.consumerSize = sizeOf(consumer);
    this.body = this.frames.current();
    this.bodySize = sizeOf(this.body);
    return true;
  }

  /**
   * Does to the consumer's frame, which is current, what the body has done: to `body`, the one that it was given, which only
   * `disable` changes in place, and then to the one that it has `left` behind.
   */
  private carryOver(body: Frame | undefined, left: Frame | undefined, consumer: Frame | undefined): void {
    this.disableMissing(consumer, body);
    if (left === body) return;
    // A frame of its own, as untraced: others who are in the consumer's do not see the rest.
    enter(this.storage, consumer === undefined ? undefined : storeIn(consumer, this.storage));
    if (left !== undefined) {
      forEachIn(left, (store, storage) => {
        if (storage === this.storage) return;
        if (consumer === undefined || !isIn(consumer, storage) || storeIn(consumer, storage) !== store) {
          enter(storage, store);
        }
      });
    }
    this.disableMissing(this.frames.current(), left);
  }

  /** Takes out of `frame`, which is current, what is not in `other`. */
  private disableMissing(frame: Frame | undefined, other: Frame | undefined): void {
    if (frame === undefined) return;
    const missing: Storage[] = [];
    forEachIn(frame, (_store, storage) => {
      if (storage !== this.storage && !(other !== undefined && isIn(other, storage))) missing[missing.length] = storage;
    });
    for (let index = 0; index < missing.length; index++) disableStorage(missing[index] as Storage);
  }
}

/** The AsyncLocalStorage that is all by which the frame `inside` differs from `outside`, if it holds `value`. */
export function onlyDifference(
  inside: Frame | undefined,
  outside: Frame | undefined,
  value: unknown,
): Storage | undefined {
  if (inside === undefined) return undefined;
  const different: Storage[] = [];
  forEachIn(inside, (store, storage) => {
    if (outside === undefined || !isIn(outside, storage) || storeIn(outside, storage) !== store) {
      different[different.length] = storage;
    }
  });
  const [storage] = different;
  return different.length === 1 && storage !== undefined && storeIn(inside, storage) === value ? storage : undefined;
}

/**
 * Enters Node's async context frames (24 and newer, https://github.com/nodejs/node/pull/55552): a frame is the map from every AsyncLocalStorage
 * to its store, which promises and callbacks take along.
 *
 * `context.with` uses `AsyncLocalStorage.run`, which copies the frame twice: some 265 ns a pull, and ten times that with ten AsyncLocalStorages.
 * Here the body's frame is made once for each frame that the consumer pulls from.
 *
 * What makes it sound, each point a case in test/trace/context.test.ts:
 * - Only `AsyncLocalStorage.disable()` changes a frame in place, and makes it smaller: the same frame of the same size has not changed.
 * - What the body does to its frame in its synchronous part (`enterWith`, `disable`) reaches the consumer, as it does untraced: it is looked for
 *   after every pull, and done again in the consumer's frame.
 * - The consumer's frame is the very same before and after, so runs can be pulled in turn, or inside one another.
 *
 * The class of frames knows the current one, and enters another. It is not public: an AsyncResource leads to it, by a symbol (`context_frame` in
 * https://github.com/nodejs/node/blob/901c29058e8dd00bc8ba64f67e58dab8125042f8/lib/async_hooks.js). It is tried out before it is used.
 */
import { AsyncLocalStorage, AsyncResource } from 'node:async_hooks';
import { type AnyFunction, isMap, uncurryThis } from '../../base/intrinsics';
import { contextManager } from '../context';
import { FastSwitch, type KnownManager, type Stores } from './fast-switch';
import type { BodyContexts } from './index';

type Storage = AsyncLocalStorage<unknown>;

/** A Map, but not of the program's: what Node calls on it is out of the program's reach. */
type Frame = ReadonlyMap<Storage, unknown>;

export interface Frames {
  /** The frame of this moment; undefined where no AsyncLocalStorage has a store. */
  current(): Frame | undefined;
  /** Makes `frame` the one of this moment. */
  set(frame: Frame | undefined): void;
}

const { enterWith, disable } = AsyncLocalStorage.prototype;
const enter = uncurryThis(enterWith as AnyFunction) as (storage: Storage, store: unknown) => void;
const disableStorage = uncurryThis(disable as AnyFunction) as (storage: Storage) => void;

const { get, has, forEach } = Map.prototype;
const storeIn = uncurryThis(get as AnyFunction) as (frame: Frame, storage: Storage) => unknown;
const isIn = uncurryThis(has as AnyFunction) as (frame: Frame, storage: Storage) => boolean;
const forEachIn = uncurryThis(forEach as AnyFunction) as (
  frame: Frame,
  callback: (store: unknown, storage: Storage) => void,
) => void;

/** By the property, which the engine makes a single load of: a pull reads it three times. */
function sizeOf(frame: Frame | undefined): number {
  return frame === undefined ? 0 : frame.size;
}

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

export class FrameSwitch extends FastSwitch<Storage, Entered> {
  private entered = NOT_YET;

  constructor(
    contexts: BodyContexts,
    private readonly frames: Frames,
    known: KnownManager<Storage>,
  ) {
    super(contexts, known);
  }

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
    const first = this.enterFirst();
    if (first !== undefined) this.entered = first;
    return first;
  }

  leave(entered: Entered): void {
    const { frames } = this;
    const { body, bodySize, consumer } = entered;
    const left = frames.current();
    frames.set(consumer);
    if (left !== body || sizeOf(body) !== bodySize) this.carryOver(entered, left);
  }

  protected enterStore(storage: Storage, store: unknown): Entered | undefined {
    const consumer = this.frames.current();
    try {
      enter(storage, store);
    } catch {
      // Node iterates over a Map to copy a frame, and a program may have patched that.
      return undefined;
    }
    const body = this.frames.current();
    return { consumer, consumerSize: sizeOf(consumer), body, bodySize: sizeOf(body), storage };
  }

  protected stores(): Stores {
    const list: unknown[] = [];
    const frame = this.frames.current();
    if (frame !== undefined) {
      forEachIn(frame, (store, storage) => {
        list[list.length] = storage;
        list[list.length] = store;
      });
    }
    return { holder: undefined, list };
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

/** The frames of this version of Node, or undefined if it has none that can be relied on. */
export function findFrames(): Frames | undefined {
  // Stores lie on resources. An attempt with frames would make every promise of the process more expensive from then on.
  if ('_enable' in AsyncLocalStorage.prototype) return undefined;
  const resource = new AsyncResource('AsyncGeneratorRun', { requireManualDestroy: true });
  const symbol = Object.getOwnPropertySymbols(resource).find(({ description }) => description === 'context_frame');
  if (symbol === undefined) return undefined;
  try {
    // Inside a resource, so that nothing of it stays behind in the program's frame.
    return resource.runInAsyncScope(() => {
      const storage = new AsyncLocalStorage<number>();
      const inside = storage.run(1, () => new AsyncResource('AsyncGeneratorRun', { requireManualDestroy: true }));
      const frame = (inside as unknown as Record<symbol, Frame | undefined>)[symbol];
      const frames = (frame as { constructor?: Frames } | undefined)?.constructor;
      return frame !== undefined && frames !== undefined && areAsExpected(frames, frame, storage) ? frames : undefined;
    });
  } catch {
    return undefined;
  }
}

/** All that `FrameSwitch` builds on. `frame` is one in which `storage` has the store 1. */
function areAsExpected(frames: Frames, frame: Frame, storage: AsyncLocalStorage<number>): boolean {
  const outside = frames.current();
  if (!isMap(frame) || sizeOf(frame) < 1 || storeIn(frame, storage) !== 1) return false;
  frames.set(frame);
  if (frames.current() !== frame || storage.getStore() !== 1) return false;
  // What changes a store leaves the frame as it is, and makes another current ...
  const second = new AsyncLocalStorage<number>();
  second.enterWith(2);
  const entered = frames.current();
  if (!isMap(entered) || entered === frame || sizeOf(entered) !== sizeOf(frame) + 1) return false;
  if (storage.run(3, () => frames.current() === entered) || storeIn(entered, storage) !== 1) return false;
  // ... but for `disable`, which takes the store out of the frame.
  frames.set(entered);
  second.disable();
  if (frames.current() !== entered || sizeOf(entered) !== sizeOf(frame)) return false;
  frames.set(outside);
  return frames.current() === outside && storage.getStore() === undefined;
}

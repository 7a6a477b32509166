/**
 * Which runs an object carries, and whether its pulls are traced.
 *
 * A private field on the program's object does what a WeakMap would: no reflection sees it, and it goes with the object.
 * But it costs the garbage collector nothing, where a WeakMap entry for every generator was the most expensive part of a run.
 */
import { isObjectLike } from '../base/intrinsics';
import type { TracedGenerator } from './generator';
import type { Run } from './run';

/** A base class whose instances are the objects given to it, so that the fields of a subclass land on them. */
export const GivenObject = function (object: object) {
  return object;
} as unknown as new (object: object) => object;

interface Entry {
  readonly run: Run;
  /** The entry of the run that the object carried before: one for each target that it went through. */
  readonly outer: Entry | undefined;
}

/**
 * What an object carries. One field for all of it: where each generator has a function of its own, the engine describes each object by itself,
 * and takes a third of a microsecond for every field.
 */
export interface Load {
  entry: Entry | undefined;
  /** What traces the pulls of a generator, as long as its run is open or pulls are pending. */
  traced: TracedGenerator | undefined;
}

class Carrier extends GivenObject {
  #load: Load = { entry: undefined, traced: undefined };

  // Written out: that of the language iterates over a list of arguments on Node 20, and a program may have patched that.
  // https://github.com/tc39/ecma262/pull/2216
  // eslint-disable-next-line @typescript-eslint/no-useless-constructor
  constructor(object: object) {
    super(object);
  }

  static get(object: object): Load | undefined {
    return #load in object ? object.#load : undefined;
  }

  /** Gives the object one if it has none. */
  static of(object: object): Load {
    return (#load in object ? object : new Carrier(object)).#load;
  }
}

/** What `object` carries from now on, if it has carried nothing before. */
export function loadOf(object: object): Load {
  return Carrier.of(object);
}

export function tracedOf(object: unknown): TracedGenerator | undefined {
  return isObjectLike(object) ? Carrier.get(object)?.traced : undefined;
}

/** The run of this target that `object` carries, if it is not over. */
export function carriedRunOf(object: object, target: object): Run | undefined {
  for (let entry = Carrier.get(object)?.entry; entry !== undefined; entry = entry.outer) {
    if (entry.run.tracing.plan.target === target && !entry.run.isOver) return entry.run;
  }
  return undefined;
}

export function carry(load: Load, run: Run): void {
  load.entry = { run, outer: withoutEnded(load.entry) };
}

/** An object may be handed out for as long as the program runs, and must not keep the runs that are over. */
function withoutEnded(entry: Entry | undefined): Entry | undefined {
  if (entry === undefined) return undefined;
  const outer = withoutEnded(entry.outer);
  if (entry.run.isOver) return outer;
  return outer === entry.outer ? entry : { run: entry.run, outer };
}

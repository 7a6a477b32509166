/**
 * Which runs an object carries, and who has its pulls.
 *
 * A private field on the program's object does what a WeakMap would: no reflection sees it, and it goes with the object.
 * But it costs the garbage collector nothing, where a WeakMap entry for every generator was the dearest part of a run.
 */
import { isObjectLike } from './intrinsics';
import type { Run } from './run';

/** A base class whose instances are the objects given to it, so that the fields of a subclass land on them. */
const GivenObject = function (object: object) {
  return object;
} as unknown as new (object: object) => object;

interface Entry {
  readonly run: Run;
  /** The entry of the run that the object carried before: one for each target that it went through. */
  readonly outer: Entry | undefined;
}

class Carrier extends GivenObject {
  #entry: Entry | undefined;
  #traced: object | undefined;

  // Written out: that of the language iterates over a list of arguments on Node 20, and a program may have patched that.
  // https://github.com/tc39/ecma262/pull/2216
  // eslint-disable-next-line @typescript-eslint/no-useless-constructor
  constructor(object: object) {
    super(object);
  }

  static get(object: object): Entry | undefined {
    return #entry in object ? object.#entry : undefined;
  }

  static set(object: object, entry: Entry): void {
    const carrier = #entry in object ? object : new Carrier(object);
    carrier.#entry = entry;
  }

  static traced(object: object): object | undefined {
    return #traced in object ? object.#traced : undefined;
  }

  static setTraced(object: object, traced: object | undefined): void {
    const carrier = #traced in object ? object : new Carrier(object);
    carrier.#traced = traced;
  }
}

/** Who has the pulls of a generator, as long as its run is open or pulls are pending. */
export function tracedOf(object: unknown): object | undefined {
  return isObjectLike(object) ? Carrier.traced(object) : undefined;
}

export function setTraced(object: object, traced: object | undefined): void {
  Carrier.setTraced(object, traced);
}

/** The run of this target that `object` carries, if it is not over. */
export function carriedRunOf(object: object, target: object): Run | undefined {
  for (let entry = Carrier.get(object); entry !== undefined; entry = entry.outer) {
    if (entry.run.lifecycle.plan.target === target && !entry.run.isOver) return entry.run;
  }
  return undefined;
}

export function carry(object: object, run: Run): void {
  Carrier.set(object, { run, outer: withoutEnded(Carrier.get(object)) });
}

/** An object may be handed out for as long as the program runs, and must not keep the runs that are over. */
function withoutEnded(entry: Entry | undefined): Entry | undefined {
  if (entry === undefined) return undefined;
  const outer = withoutEnded(entry.outer);
  if (entry.run.isOver) return outer;
  return outer === entry.outer ? entry : { run: entry.run, outer };
}

import { type AnyFunction, defineProperty, getOwnPropertyDescriptor, OwnWeakMap, ownKeys } from '../base/intrinsics';

/**
 * Makes the traced function for one that a file defines. It is called each time that a definition is evaluated, and must not throw.
 *
 * @param name its key, where that is computed and the source does not tell it
 */
// eslint-disable-next-line @typescript-eslint/no-unsafe-function-type -- it may be whatever the program can call
export type Trace = (fn: AnyFunction, file: number, definition: number, name?: PropertyKey) => Function;

type Holder = Record<PropertyKey, AnyFunction>;

/** More keys than there are of classes that are being evaluated. Older ones are of classes that failed. */
const MOST_KEYS = 1000;

/**
 * The object whose methods `transform` inserts calls of. Each method returns what the source has at that place, with the
 * function of the definition traced.
 */
export function createRegistrar(trace: Trace): object {
  const privateMethods = new OwnWeakMap<AnyFunction, object>();
  const keysOfClasses = Object.create(null) as Record<string, PropertyKey[] | undefined>;

  /** Replaces a method, if there is one, by the traced function. */
  const replace = (owner: object, key: PropertyKey, file: number, definition: number, name?: PropertyKey): void => {
    const descriptor = getOwnPropertyDescriptor(owner, key);
    if (typeof descriptor?.value !== 'function') return;
    descriptor.value = trace(descriptor.value as AnyFunction, file, definition, name);
    defineProperty(owner, key, descriptor);
  };

  const registrar = {
    /** A function. */
    f: (fn: AnyFunction, file: number, definition: number) => trace(fn, file, definition),

    /** A function without a name. It is called with `new`. */
    a: function (fn: AnyFunction, file: number, definition: number) {
      return trace(fn, file, definition);
    },

    /** The only property of `holder`, which has given its name to the function. */
    p: (holder: Holder, file: number, definition: number) =>
      trace(holder[ownKeys(holder)[0] as PropertyKey] as AnyFunction, file, definition),

    /** An object with one property, to be spread where the property was. */
    o(holder: Holder, file: number, definition: number) {
      const key = ownKeys(holder)[0] as PropertyKey;
      replace(holder, key, file, definition, key);
      return holder;
    },

    /** A method of an object or class, by its key. Static fields of the class may still be missing. */
    m(owner: object, key: PropertyKey, file: number, definition: number) {
      replace(owner, key, file, definition);
      return owner;
    },

    /** The computed key of a method of a class, for which `l` asks when the class is there. */
    k(value: PropertyKey, file: number, definition: number) {
      // The language makes a key of it, once.
      const key = ownKeys({ [value]: undefined })[0] as PropertyKey;
      const keys = (keysOfClasses[`${file},${definition}`] ??= []);
      if (keys.length === MOST_KEYS) keys.length = 0;
      keys[keys.length] = key;
      return key;
    },

    l(owner: object, file: number, definition: number) {
      const keys = keysOfClasses[`${file},${definition}`];
      if (keys === undefined || keys.length === 0) return;
      const key = keys[keys.length - 1] as PropertyKey;
      keys.length -= 1;
      replace(owner, key, file, definition, key);
    },

    /** A function that had to be called something else: gives it the name of the source. It is the same for the same function. */
    n(fn: AnyFunction, name: string, file: number, definition: number) {
      let traced = privateMethods.get(fn);
      if (traced === undefined) {
        defineProperty(fn, 'name', { value: name });
        privateMethods.set(fn, (traced = trace(fn, file, definition)));
      }
      return traced;
    },

    /** An assignment to a private method: the error is the engine's. */
    w(name: string) {
      throw new TypeError(`Private method '${name}' is not writable`);
    },
  };
  return Object.freeze(Object.setPrototypeOf(registrar, null) as object);
}

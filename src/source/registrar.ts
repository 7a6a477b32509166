import { type AnyFunction, defineProperty, getOwnPropertyDescriptor, OwnWeakMap, ownKeys } from '../run/intrinsics';

/** The traced function for one that a file defines. `name` is its key, where the source does not tell. Must not throw. */
export type Trace = (fn: AnyFunction, file: number, definition: number, name?: PropertyKey) => AnyFunction;

/** More keys than any classes have whose evaluation is not over: older ones are of those that failed. */
const MOST_KEYS = 1000;

/**
 * The object that the calls reach which `transform` inserts. Each of its methods hands on what the source had in the place of the call, with the
 * function of the definition traced.
 *
 * @param trace makes the traced function; called each time that a definition is evaluated
 */
export function createRegistrar(trace: Trace): object {
  const privateMethods = new OwnWeakMap<AnyFunction, AnyFunction>();
  const keysOfClasses = new Map<string, PropertyKey[]>();

  /** Puts the traced function in the place of a method, if there still is one. */
  const replace = (owner: object, key: PropertyKey, file: number, definition: number, name?: PropertyKey): void => {
    const descriptor = getOwnPropertyDescriptor(owner, key);
    if (typeof descriptor?.value !== 'function') return;
    descriptor.value = trace(descriptor.value as AnyFunction, file, definition, name);
    defineProperty(owner, key, descriptor);
  };

  const registrar = {
    /** A function. */
    f: (fn: AnyFunction, file: number, definition: number) => trace(fn, file, definition),

    /** A function without a name, called with `new`. */
    a: function (fn: AnyFunction, file: number, definition: number) {
      return trace(fn, file, definition);
    },

    /** The only property of `holder`, which has given its name to the function. */
    p(holder: Record<PropertyKey, AnyFunction>, file: number, definition: number) {
      return trace(holder[ownKeys(holder)[0] as PropertyKey] as AnyFunction, file, definition);
    },

    /** An object with one property, to be spread where the property was. */
    o(holder: Record<PropertyKey, AnyFunction>, file: number, definition: number) {
      const key = ownKeys(holder)[0] as PropertyKey;
      replace(holder, key, file, definition, key);
      return holder;
    },

    /** A method of an object or class that is complete. */
    m(owner: object, key: PropertyKey, file: number, definition: number) {
      replace(owner, key, file, definition);
      return owner;
    },

    /** The computed key of a method, which its class is asked for by `l`. */
    k(value: PropertyKey, file: number, definition: number) {
      // As the language makes a key of it, once.
      const key = ownKeys({ [value]: undefined })[0] as PropertyKey;
      const id = `${file},${definition}`;
      let keys = keysOfClasses.get(id);
      if (keys === undefined) keysOfClasses.set(id, (keys = []));
      if (keys.length === MOST_KEYS) keys.shift();
      keys.push(key);
      return key;
    },

    l(owner: object, file: number, definition: number) {
      const key = keysOfClasses.get(`${file},${definition}`)?.pop();
      if (key !== undefined) replace(owner, key, file, definition, key);
    },

    /** A function that had to be called otherwise: gives it the name that it has in the source. Always the same for one function. */
    n(fn: AnyFunction, name: string, file: number, definition: number) {
      let traced = privateMethods.get(fn);
      if (traced === undefined) {
        defineProperty(fn, 'name', { value: name });
        privateMethods.set(fn, (traced = trace(fn, file, definition)));
      }
      return traced;
    },

    /** An assignment to a private method, as the engine answers it. */
    w(name: string) {
      throw new TypeError(`Private method '${name}' is not writable`);
    },
  };
  return Object.freeze(Object.setPrototypeOf(registrar, null) as object);
}

/**
 * Registers hooks of ES modules so that they stay the last ones. Node asks the hooks that were registered last, and these ask those before
 * them: the last ones see what is compiled in the end. A loader that comes later would otherwise compile what these have changed, or hand them a
 * language that they don't know. So they are registered once more after every registration of others.
 *
 * @see https://nodejs.org/api/module.html#convention-of-hooks-and-chaining
 */
import Module = require('node:module');

type Name = 'register' | 'registerHooks';
type Method = (...args: unknown[]) => unknown;

interface Watched {
  readonly original: Method;
  /** What is to be done after each call by others. */
  readonly again: (() => void)[];
}

interface Handle {
  deregister(): void;
}

const watched = new Map<Name, Watched>();

/** Synchronous hooks, in the order in which they are given. This version of Node must have them. */
export function registerHooksLast(hooks: object): void {
  const { original, again } = watch('registerHooks');
  let handle = original(hooks) as Handle;
  again.push(() => {
    handle.deregister();
    handle = original(hooks) as Handle;
  });
}

/** Those of a loader thread, for Node without synchronous ones. Only the first registration has options. */
export function registerLoaderLast(url: string, options: object): void {
  const { original, again } = watch('register');
  original(url, options);
  again.push(() => {
    original(url);
  });
}

function watch(name: Name): Watched {
  let known = watched.get(name);
  if (known !== undefined) return known;
  const api = Module as unknown as Record<Name, Method>;
  const { [name]: original } = api;
  watched.set(name, (known = { original, again: [] }));
  const { again } = known;
  const { [name]: method } = {
    [name](this: unknown, ...args: unknown[]) {
      const result = Reflect.apply(original, this, args);
      for (const each of again) each();
      return result;
    },
  };
  Object.defineProperty(method, 'length', { value: original.length, configurable: true });
  Reflect.set(api, name, method);
  return known;
}

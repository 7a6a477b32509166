/**
 * Tracers and loggers that go on with another SDK than the one that has handed them out.
 *
 * An SDK gives its instrumentations theirs before it registers its own providers, and modules of a program take theirs when
 * they are loaded: from what is registered by then. If nothing is, the API hands out proxies, which follow to the SDK
 * to come. With an SDK of this package in that place, those that it hands out have to follow as well.
 */

type Factory = 'getTracer' | 'getLogger';
/** A tracer or a logger. */
type Product = Record<string, unknown>;
type Provider = Partial<Record<Factory, (...args: unknown[]) => Product>>;

const METHODS: Readonly<Record<Factory, readonly string[]>> = {
  getTracer: ['startSpan', 'startActiveSpan'],
  getLogger: ['emit', 'enabled'],
};

/**
 * Makes a provider hand out what can be redirected.
 *
 * @param successor what is registered instead of the provider by the time it is called
 * @returns a function that redirects all of them
 */
export function redirectable(
  provider: object | undefined,
  factory: Factory,
  successor: () => object | undefined,
): () => void {
  const create = (provider as Provider | undefined)?.[factory];
  if (typeof create !== 'function') return () => undefined;
  let isRedirected = false;
  // A provider gives the same to those who ask for the same.
  const known = new WeakMap<Product, Product>();

  (provider as Provider)[factory] = (...args) => {
    const own = Reflect.apply(create, provider, args);
    let product = known.get(own);
    if (product === undefined) {
      product = following(own, METHODS[factory], () => {
        return (isRedirected ? (successor() as Provider | undefined)?.[factory]?.(...args) : undefined) ?? own;
      });
      known.set(own, product);
    }
    return product;
  };
  return () => {
    isRedirected = true;
  };
}

/** An object like `own`, whose methods are those of `current` at the time of the call. */
function following(own: Product, methods: readonly string[], current: () => Product): Product {
  const product = Object.create(own) as Product;
  for (const method of methods) {
    if (!(method in own)) continue;
    const value = (...args: unknown[]): unknown => {
      const target = current();
      return Reflect.apply(target[method] as (...args: unknown[]) => unknown, target, args);
    };
    Object.defineProperty(product, method, { value, configurable: true, writable: true });
  }
  return product;
}

/**
 * Calls `listener` when a provider is asked for a tracer of that name, as every instrumentation does when an SDK takes it.
 */
export function onTracerAsked(provider: object | undefined, name: string, listener: () => void): void {
  const getTracer = (provider as Provider | undefined)?.getTracer;
  if (typeof getTracer !== 'function') return;
  (provider as Provider).getTracer = function (this: unknown, ...args) {
    const tracer = Reflect.apply(getTracer, this, args);
    if (args[0] === name) listener();
    return tracer;
  };
}

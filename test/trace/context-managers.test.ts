import { AsyncLocalStorage, createHook, executionAsyncId } from 'node:async_hooks';
import { createRequire } from 'node:module';
import { setImmediate as timer } from 'node:timers/promises';
import { context, createContextKey, ROOT_CONTEXT, trace, type Context, type ContextManager } from '@opentelemetry/api';
import { AsyncLocalStorageContextManager } from '@opentelemetry/context-async-hooks';
import { expect } from 'chai';
import shimmer = require('shimmer');
import { traceAsyncGenerator } from '../../src';
import { switchContextsByApi } from '../../src/trace/context-switch';
import { isPlain } from '../../src/trace/context-switch/fast-switch';
import { useTracing } from '../support/tracing';

type With = AsyncLocalStorageContextManager['with'];

const REGISTRY = Symbol.for('opentelemetry.js.api.1');
const registries = globalThis as unknown as Record<symbol, object | undefined>;

const KEY = createContextKey('context managers');
const nameOf = (active: Context) => (trace.getSpan(active) as { name?: string } | undefined)?.name;

/** What a manager does beside keeping contexts, as a program would notice it. */
interface Effects {
  second: AsyncLocalStorage<string | undefined>;
  /** As of a profiler, which is told what is active. */
  current: string | undefined;
}

interface Scene {
  effects: Effects;
  see: (where: string) => void;
  /** The items of a traced generator whose span is called `name`; notes what it sees. */
  body: (name: string) => AsyncGenerator<number>;
  manager: ContextManager;
}

class StoresAnother extends AsyncLocalStorageContextManager {
  override with = ((active: Context, ...rest: [() => unknown]) =>
    super.with(active.setValue(KEY, `forked for ${nameOf(active)}`), ...rest)) as With;
}

/** Calls `around` for the contexts of spans whose names begin with `prefix`. */
function managerThat(prefix: string, around: (name: string, fn: () => unknown) => unknown): ContextManager {
  class ThatDoesMore extends AsyncLocalStorageContextManager {
    override with = ((active: Context, fn: (...args: unknown[]) => unknown, _self: unknown, ...args: unknown[]) => {
      const name = nameOf(active);
      const enter = () => super.with(active, () => fn(...args));
      return name?.startsWith(prefix) ? around(name, enter) : enter();
    }) as With;
  }
  return new ThatDoesMore();
}

function inCurrent(effects: Effects): (name: string, fn: () => unknown) => unknown {
  return (name, fn) => {
    const before = effects.current;
    effects.current = name;
    try {
      return fn();
    } finally {
      effects.current = before;
    }
  };
}

class WithDefault extends AsyncLocalStorageContextManager {
  private readonly fallback = ROOT_CONTEXT.setValue(KEY, 'default');
  override active(): Context {
    const active = super.active();
    return active === ROOT_CONTEXT ? this.fallback : active;
  }
}

class Unchanged extends AsyncLocalStorageContextManager {}

/** As OpenTelemetry's manager by async hooks was, before AsyncLocalStorage. */
class ByAsyncHooks implements ContextManager {
  private readonly contexts = new Map<number, Context | undefined>();
  private readonly hook = createHook({
    init: (id) => void this.contexts.set(id, this.contexts.get(executionAsyncId())),
    destroy: (id) => void this.contexts.delete(id),
  });
  active() {
    return this.contexts.get(executionAsyncId()) ?? ROOT_CONTEXT;
  }
  with: ContextManager['with'] = (active, fn, self, ...args) => {
    const id = executionAsyncId();
    const before = this.contexts.get(id);
    this.contexts.set(id, active);
    try {
      return fn.apply(self as never, args);
    } finally {
      this.contexts.set(id, before);
    }
  };
  bind<T>(_context: Context, target: T) {
    return target;
  }
  enable() {
    this.hook.enable();
    return this;
  }
  disable() {
    this.hook.disable();
    return this;
  }
}

/** For programs that never wait. */
class ByStack implements ContextManager {
  private readonly stack = [ROOT_CONTEXT];
  active() {
    return this.stack[this.stack.length - 1] as Context;
  }
  with: ContextManager['with'] = (active, fn, self, ...args) => {
    this.stack.push(active);
    try {
      return fn.apply(self as never, args);
    } finally {
      this.stack.pop();
    }
  };
  bind<T>(_context: Context, target: T) {
    return target;
  }
  enable() {
    return this;
  }
  disable() {
    return this;
  }
}

const managers: Record<string, (effects: Effects) => ContextManager> = {
  "OpenTelemetry's own": () => new AsyncLocalStorageContextManager(),
  'a subclass that changes nothing': () => new Unchanged(),
  'one that stores another context than it is given': () => new StoresAnother(),
  'one that enters a second AsyncLocalStorage': (effects) =>
    managerThat('', (name, fn) => effects.second.run(name, fn)),
  'one that enters a second AsyncLocalStorage for some spans': (effects) =>
    managerThat('special', (name, fn) => effects.second.run(name, fn)),
  'one that tells a profiler': (effects) => managerThat('', inCurrent(effects)),
  'one that tells a profiler of some spans': (effects) => managerThat('special', inCurrent(effects)),
  'one with a default context': () => new WithDefault(),
  'one by async hooks': () => new ByAsyncHooks().enable(),
  'one by a stack': () => new ByStack(),
};

const programs: Record<string, (scene: Scene) => Promise<void>> = {
  'a loop': async ({ body, see }) => {
    for await (const _ of body('plain')) see('consumer');
    for await (const _ of body('special')) see('consumer');
  },
  'a loop in a span': async ({ body, see }) => {
    await trace.getTracer('test').startActiveSpan('special outer', async (span) => {
      for await (const _ of body('plain')) see('consumer');
      span.end();
    });
    see('outside');
  },
  'generators pulled in turn': async ({ body, see }) => {
    const generators = [body('plain'), body('special'), body('special too')];
    for (let round = 0; round < 4; round++) {
      for (const generator of generators) {
        const pull = generator.next();
        see('same turn');
        await pull;
        see('after');
      }
    }
  },
  'a manager whose `with` is patched after the first run': async ({ body, see, manager, effects }) => {
    for await (const _ of body('plain')) see('consumer');
    const original = manager.with;
    manager.with = function (this: ContextManager, ...args: Parameters<typeof original>) {
      return inCurrent(effects)('patched', () => original.apply(this, args));
    } as typeof original;
    for await (const _ of body('special')) see('consumer');
  },
  'a manager whose `active` is patched after the first run': async ({ body, see, manager }) => {
    for await (const _ of body('plain')) see('consumer');
    const original = manager.active.bind(manager);
    manager.active = () => {
      const active = original();
      return active.getValue(KEY) === undefined ? active.setValue(KEY, 'patched') : active;
    };
    for await (const _ of body('special')) see('consumer');
  },
  'a manager that is replaced in a run': async ({ body, see }) => {
    const generator = body('plain');
    await generator.next();
    see('before');
    context.disable();
    context.setGlobalContextManager(new AsyncLocalStorageContextManager());
    for await (const _ of generator) see('consumer');
    for await (const _ of body('special')) see('consumer');
  },
  'a manager that is taken off in a run': async ({ body, see }) => {
    const generator = body('plain');
    await generator.next();
    context.disable();
    for await (const _ of generator) see('consumer');
    for await (const _ of body('special')) see('consumer');
  },
  'a manager that is taken off in the body': async ({ see }) => {
    const generator = traceAsyncGenerator(async function* () {
      yield 1;
      context.disable();
      see('body');
      yield 2;
      see('body again');
    })();
    for await (const _ of generator) see('consumer');
  },
  'a manager that is taken off and registered again between runs': async ({ body, see, manager }) => {
    for await (const _ of body('plain')) see('consumer');
    context.disable();
    for await (const _ of body('plain')) see('consumer');
    context.setGlobalContextManager(manager.enable());
    for await (const _ of body('special')) see('consumer');
  },
  'a registry that is deleted in a run': async ({ body, see }) => {
    const generator = body('plain');
    await generator.next();
    const registry = registries[REGISTRY];
    delete registries[REGISTRY];
    try {
      await generator.next();
      see('consumer');
    } finally {
      registries[REGISTRY] = registry;
    }
    for await (const _ of generator) see('consumer');
  },
  'a registry that is replaced between runs': async ({ body, see }) => {
    for await (const _ of body('plain')) see('consumer');
    const registry = registries[REGISTRY];
    registries[REGISTRY] = { ...registry, context: new AsyncLocalStorageContextManager() };
    try {
      for await (const _ of body('special')) see('consumer');
    } finally {
      registries[REGISTRY] = registry;
    }
    for await (const _ of body('plain')) see('consumer');
  },
};

describe('Context managers', () => {
  useTracing();
  afterEach(() => {
    switchContextsByApi(false);
  });

  async function play(
    program: (scene: Scene) => Promise<void>,
    makeManager: (effects: Effects) => ContextManager,
  ): Promise<string[]> {
    await timer();
    const effects: Effects = { second: new AsyncLocalStorage(), current: undefined };
    const manager = makeManager(effects);
    context.disable();
    context.setGlobalContextManager(manager);
    const seen: string[] = [];
    const see = (where: string) => {
      const active = context.active();
      const value = String(active.getValue(KEY));
      seen.push(`${where}: ${nameOf(active)}, ${value}, ${effects.second.getStore()}, ${effects.current}`);
    };
    const body = (name: string) =>
      traceAsyncGenerator(
        async function* () {
          for (let item = 0; item < 3; item++) {
            see(`${name} ${item}`);
            await timer();
            see(`${name} ${item} after await`);
            yield item;
          }
        },
        { spanName: name },
      )();
    try {
      await program({ effects, see, body, manager });
    } finally {
      context.disable();
      manager.disable();
      effects.second.disable();
    }
    return seen;
  }

  for (const [kind, makeManager] of Object.entries(managers)) {
    describe(`with ${kind}`, () => {
      for (const [name, program] of Object.entries(programs)) {
        it(`sees what it would see if the API switched all contexts: ${name}`, async () => {
          switchContextsByApi(true);
          const expected = await play(program, makeManager);
          switchContextsByApi(false);
          expect(expected).to.not.be.empty;
          expect(await play(program, makeManager)).to.deep.equal(expected);
        });
      }
    });
  }

  it("is left out of every pull but the first, where it is OpenTelemetry's own", async function () {
    const hasFrames = !('_enable' in AsyncLocalStorage.prototype);
    // With --no-async-context-frame, stores lie where neither of the fast ways finds them.
    if (!hasFrames && Number(process.versions.node.split('.')[0]) >= 24) this.skip();
    const api = Object.getPrototypeOf(context) as typeof context;
    const { with: original } = api;
    let calls = 0;
    api.with = function (this: typeof context, ...args: Parameters<typeof original>) {
      calls++;
      return Reflect.apply(original, this, args) as never;
    } as typeof original;
    try {
      await play(
        async ({ body }) => {
          const generator = body('plain');
          await generator.next();
          calls = 0;
          for await (const _ of generator);
        },
        managers["OpenTelemetry's own"] as () => ContextManager,
      );
    } finally {
      api.with = original;
    }
    expect(calls).to.equal(0);
  });

  it('may be registered by another copy of the API', async () => {
    const require = createRequire(__filename);
    const path = require.resolve('@opentelemetry/api');
    const folder = path.slice(0, path.indexOf('build'));
    const own = Object.entries(require.cache).filter(([file]) => file.startsWith(folder));
    for (const [file] of own) delete require.cache[file];
    const copy = require(path) as typeof import('@opentelemetry/api');
    for (const [file, module] of own) require.cache[file] = module;
    expect(copy.context).to.not.equal(context);

    context.disable();
    copy.context.setGlobalContextManager(new AsyncLocalStorageContextManager());
    const generator = traceAsyncGenerator(
      async function* () {
        for (;;) yield [nameOf(copy.context.active()), nameOf(context.active())];
      },
      { spanName: 'run' },
    )();
    for (let pull = 0; pull < 3; pull++) expect((await generator.next()).value).to.deep.equal(['run', 'run']);
    expect(nameOf(copy.context.active())).to.equal(undefined);
    await generator.return(undefined as never);
  });

  it('need not be there', async () => {
    context.disable();
    const generator = traceAsyncGenerator(async function* () {
      for (;;) yield nameOf(context.active());
    })();
    for (let pull = 0; pull < 3; pull++) expect((await generator.next()).value).to.equal(undefined);
    await generator.return(undefined as never);
  });

  // Where contexts are frames, and no AsyncLocalStorage is in use, there is none.
  it('may keep contexts elsewhere than in an AsyncLocalStorage, in a program that uses none', async () => {
    context.disable();
    context.setGlobalContextManager(new ByStack());
    const generator = traceAsyncGenerator(
      async function* () {
        for (;;) yield nameOf(context.active());
      },
      { spanName: 'run' },
    )();
    for (let pull = 0; pull < 3; pull++) expect((await generator.next()).value).to.equal('run');
    await generator.return(undefined as never);
  });

  describe('are left out of a switch', () => {
    it("if they are OpenTelemetry's own", () => {
      expect(isPlain(new AsyncLocalStorageContextManager())).to.equal(true);
    });

    it('if a subclass overrides nothing of it', () => {
      expect(isPlain(new Unchanged())).to.equal(true);
    });

    it('but not if a subclass overrides how contexts are entered, or read', () => {
      expect(isPlain(new StoresAnother())).to.equal(false);
      expect(isPlain(new WithDefault())).to.equal(false);
    });

    it('and not if one of their methods is patched', () => {
      const manager = new AsyncLocalStorageContextManager();
      const { with: original } = manager;
      manager.with = original;
      expect(isPlain(manager)).to.equal(false);
    });

    it('and not if shimmer has wrapped a method of the class', () => {
      const { prototype } = AsyncLocalStorageContextManager;
      shimmer.wrap(prototype, 'active', (original) =>
        Object.defineProperty(
          function (this: never) {
            return original.call(this);
          },
          'name',
          { value: 'active' },
        ),
      );
      try {
        expect(isPlain(new AsyncLocalStorageContextManager())).to.equal(false);
      } finally {
        shimmer.unwrap(prototype, 'active');
      }
    });

    it('and not if they are anything else', () => {
      expect(isPlain(new ByStack())).to.equal(false);
      expect(isPlain({} as ContextManager)).to.equal(false);
      const ofNoClass = { __proto__: null, active: () => ROOT_CONTEXT, with: () => undefined };
      expect(isPlain(Object.create(ofNoClass) as ContextManager)).to.equal(false);
    });
  });
});

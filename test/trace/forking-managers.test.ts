import { AsyncLocalStorage } from 'node:async_hooks';
import { context, createContextKey, ROOT_CONTEXT, trace, type Context, type ContextManager } from '@opentelemetry/api';
import { AsyncLocalStorageContextManager } from '@opentelemetry/context-async-hooks';
import { expect } from 'chai';
import { traceAsyncGenerator } from '../../src';
import { useTracing } from '../support/tracing';

const SCOPE = createContextKey('scope');

type Scope = Record<string, true>;

const scopeIn = (active: Context) => (active.getValue(SCOPE) ?? {}) as Scope;
const forkOf = (active: Context) => active.setValue(SCOPE, { ...scopeIn(active) });

class Forking extends AsyncLocalStorageContextManager {
  override with = ((active: Context, ...rest: [() => unknown]) =>
    super.with(forkOf(active), ...rest)) as ContextManager['with'];
}

/** Of no class that anybody knows. */
function forkingObject(): ContextManager {
  const storage = new AsyncLocalStorage<Context>();
  return {
    active: () => storage.getStore() ?? ROOT_CONTEXT,
    with: (active, fn, self, ...args) => storage.run(forkOf(active), () => fn.apply(self as never, args)),
    bind: (_context, target) => target,
    enable() {
      return this;
    },
    disable() {
      storage.disable();
      return this;
    },
  };
}

const managers = { 'a subclass of OpenTelemetry’s own': () => new Forking(), 'an object of its own': forkingObject };

describe('A context manager that forks with every context', () => {
  useTracing();

  for (const [kind, makeManager] of Object.entries(managers)) {
    describe(`(${kind})`, () => {
      beforeEach(() => {
        context.disable();
        context.setGlobalContextManager(makeManager());
      });
      afterEach(() => {
        context.disable();
      });

      const tagged = traceAsyncGenerator(async function* () {
        for (let item = 0; item < 3; item++) {
          const scope = scopeIn(context.active());
          const before = Object.keys(scope);
          scope[`step ${item}`] = true;
          yield before;
        }
      });

      it('keeps what the body writes into its scope, from item to item', async () => {
        await trace.getTracer('test').startActiveSpan('request', async (span) => {
          const seen: string[][] = [];
          for await (const before of tagged()) seen.push(before);
          expect(seen).to.deep.equal([[], ['step 0'], ['step 0', 'step 1']]);
          expect(scopeIn(context.active())).to.be.empty;
          span.end();
        });
      });

      it('keeps one scope for each context that the body is pulled from', async () => {
        const generator = tagged();
        const pull = async () => (await generator.next()).value;
        const tracer = trace.getTracer('test');
        await tracer.startActiveSpan('one', async () => {
          await generator.next();
          await tracer.startActiveSpan('other', async () => {
            expect(await pull()).to.deep.equal([]);
          });
          expect(await pull()).to.deep.equal(['step 0']);
        });
        await generator.return(undefined);
      });
    });
  }
});

describe('A context manager that fails', () => {
  const tracing = useTracing();
  afterEach(() => {
    context.disable();
  });

  const working = forkingObject();
  const fail = () => {
    throw new Error('of the context manager');
  };
  const failures: Record<string, Partial<ContextManager>> = {
    'because active() throws': { active: fail },
    'because active() gives nothing': { active: () => undefined as never },
    'because with() throws': { with: fail },
    'because with() throws after it has called': {
      with: (active, fn, self, ...args) => {
        working.with(active, fn, self, ...args);
        return fail();
      },
    },
    'because with() calls nothing': { with: () => undefined as never },
  };
  for (const [how, failing] of Object.entries(failures)) {
    it(`${how} costs the program nothing`, async () => {
      context.disable();
      context.setGlobalContextManager({ ...working, ...failing });
      tracing.reset();
      const items: number[] = [];
      for await (const item of traceAsyncGenerator(async function* () {
        yield 1;
        yield 2;
      })()) {
        items.push(item);
      }
      expect(items).to.deep.equal([1, 2]);
      expect(tracing.onlySpan().attributes['async_generator.item.count']).to.equal(2);
    });
  }
});

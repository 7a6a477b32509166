/**
 * Decorators are compiled in both of TypeScript's modes and run: the standard ones (TC39), and `experimentalDecorators`.
 */
import { expect } from 'chai';
import { transformSync } from 'esbuild';
import ts = require('typescript');
import { traced } from '../../src';
import { useTracing } from '../support/tracing';
import { drain } from '../trace/helpers';

type Mode = 'standard' | 'experimental';

type Compile = (source: string, mode: Mode) => string;

const byTypeScript: Compile = (source, mode) =>
  ts.transpileModule(source, {
    compilerOptions: {
      target: ts.ScriptTarget.ES2022,
      module: ts.ModuleKind.CommonJS,
      experimentalDecorators: mode === 'experimental',
    },
  }).outputText;

/** As tsx does. */
const byEsbuild: Compile = (source, mode) =>
  transformSync(source, {
    loader: 'ts',
    target: 'es2022',
    format: 'cjs',
    keepNames: true,
    tsconfigRaw: { compilerOptions: { experimentalDecorators: mode === 'experimental' } },
  }).code;

/** Compiles and runs TypeScript source, and gives what it exports. */
function run<Exports>(source: string, mode: Mode, compile = byTypeScript): Exports {
  const module = { exports: {} };
  // eslint-disable-next-line @typescript-eslint/no-implied-eval -- what a loader does
  const load = new Function('module', 'exports', 'traced', compile(source, mode)) as (...args: unknown[]) => void;
  load(module, module.exports, traced);
  return module.exports as Exports;
}

interface Feeds {
  Feed: {
    new (): { items(count?: number): AsyncGenerator<string>; [Symbol.asyncIterator](): AsyncGenerator<string> };
    all(): AsyncGenerator<string>;
    prototype: { items: (count?: number) => AsyncGenerator<string> };
    name: string;
  };
  Sub: new () => { items(count?: number): AsyncGenerator<string> };
}

const FEEDS = `
export class Feed {
  prefix = 'item';
  @traced() async *items(count = 2) { for (let i = 0; i < count; i++) yield this.prefix + i; }
  @traced({ spanName: 'every feed', attributes: { 'app.feed': 'all' } }) static async *all() { yield this.name; }
  @traced() async *[Symbol.asyncIterator]() { yield this.prefix; }
}
export class Sub extends Feed { prefix = 'sub'; }
`;

describe('@traced', () => {
  const tracing = useTracing();

  for (const mode of ['standard', 'experimental'] as const) {
    describe(`as a decorator, ${mode}`, () => {
      it('traces a method of instances, and calls the span after class and method', async () => {
        const { Feed } = run<Feeds>(FEEDS, mode);
        expect(await drain(new Feed().items(3))).to.deep.equal(['item0', 'item1', 'item2']);
        const span = tracing.onlySpan();
        expect(span.name).to.equal('Feed.items');
        expect(span.attributes).to.include({
          'code.function.name': 'Feed.items',
          'async_generator.outcome': 'completed',
          'async_generator.item.count': 3,
        });
      });

      it('traces a static method, with the options it is given', async () => {
        const { Feed } = run<Feeds>(FEEDS, mode);
        expect(await drain(Feed.all())).to.deep.equal(['Feed']);
        const span = tracing.onlySpan();
        expect(span.name).to.equal('every feed');
        expect(span.attributes).to.include({ 'app.feed': 'all', 'code.function.name': 'Feed.all' });
      });

      it('traces a method that has a symbol for a name', async () => {
        const { Feed } = run<Feeds>(FEEDS, mode);
        expect(await drain(new Feed())).to.deep.equal(['item']);
        expect(tracing.onlySpan().name).to.equal('Feed[Symbol.asyncIterator]');
      });

      it('calls the span of an inherited method after the class that defines it', async () => {
        const { Sub } = run<Feeds>(FEEDS, mode);
        expect(await drain(new Sub().items(1))).to.deep.equal(['sub0']);
        expect(tracing.onlySpan().name).to.equal('Feed.items');
      });

      it('traces each call once, however many instances there are', async () => {
        const { Feed, Sub } = run<Feeds>(FEEDS, mode);
        const feeds = [new Feed(), new Feed(), new Sub()];
        for (const feed of feeds) await drain(feed.items(1));
        expect(tracing.spans().map(({ name }) => name)).to.deep.equal(['Feed.items', 'Feed.items', 'Feed.items']);
      });

      it('leaves the method as it was: name, length, attributes of the property, the prototype of its generators', () => {
        const plain = run<Feeds>(FEEDS.replace(/@traced\(.*?\) /g, ''), mode).Feed.prototype;
        const decorated = run<Feeds>(FEEDS, mode).Feed.prototype;
        const describeMethod = (prototype: typeof plain) => {
          const { value, ...attributes } = Object.getOwnPropertyDescriptor(prototype, 'items') as PropertyDescriptor;
          const { name, length } = value as (...args: unknown[]) => unknown;
          return {
            name,
            length,
            keys: Reflect.ownKeys(value as object),
            tag: String(value?.[Symbol.toStringTag]),
            attributes,
          };
        };
        expect(describeMethod(decorated)).to.deep.equal(describeMethod(plain));
        expect(decorated.items()).to.be.instanceOf(decorated.items);
      });

      it('calls the span after the class where esbuild gives that its name last of all', async () => {
        const source = `
          export class Feed {
            static main = new Feed();
            @traced() static async *all() { yield Feed.name; }
            @traced() async *items() { yield Feed.name; }
          }`;
        const { Feed } = run<Feeds & { Feed: { main: { items(): AsyncGenerator<string> } } }>(source, mode, byEsbuild);
        expect(await drain(Feed.all())).to.deep.equal(['Feed']);
        expect(await drain(Feed.main.items())).to.deep.equal(['Feed']);
        expect(tracing.spans().map(({ name }) => name)).to.deep.equal(['Feed.all', 'Feed.items']);
      });

      it('calls the span after the method alone where the class does not give its name', async () => {
        const source = `
          export class Feed {
            static get name() { throw new Error('no name'); }
            @traced() static async *all() { yield 1; }
          }`;
        const { Feed } = run<Feeds>(source, mode);
        expect(await drain(Feed.all())).to.deep.equal([1]);
        expect(tracing.onlySpan().name).to.equal('all');
      });

      it('leaves a method that is not pulled without a span', () => {
        const { Feed } = run<Feeds>(FEEDS, mode);
        new Feed().items();
        expect(tracing.spans()).to.deep.equal([]);
      });

      it('can be put on top of another decorator, below another, and twice', async () => {
        const source = `
          const other = (value, context, descriptor) => { if (descriptor === undefined) return value; };
          export class Feed {
            @other @traced() async *first() { yield 1; }
            @traced() @other async *second() { yield 2; }
            @traced({ spanName: 'outer' }) @traced({ spanName: 'inner' }) async *third() { yield 3; }
          }`;
        const { Feed } = run<{ Feed: new () => Record<string, () => AsyncGenerator<number>> }>(source, mode);
        const feed = new Feed();
        for (const key of ['first', 'second', 'third']) await drain(feed[key]?.() as AsyncGenerator<number>);
        expect(tracing.spans().map(({ name }) => name)).to.deep.equal(['Feed.first', 'Feed.second', 'outer']);
      });

      it('needs no parentheses', async () => {
        const source =
          'export class Feed { @traced async *items() { yield 1; } @traced static async *all() { yield 2; } }';
        const { Feed } = run<Feeds>(source, mode);
        expect(await drain(new Feed().items())).to.deep.equal([1]);
        expect(await drain(Feed.all())).to.deep.equal([2]);
        expect(tracing.spans().map(({ name }) => name)).to.deep.equal(['Feed.items', 'Feed.all']);
        expect(() => run('export class Feed { @traced items = 1; }', mode)).to.throw(
          TypeError,
          /to decorate a method$/,
        );
      });

      it('refuses anything but a method', () => {
        const decorate = (member: string) => () => run(`export class Feed { @traced() ${member} }`, mode);
        expect(decorate('items = 1;')).to.throw(TypeError, /^@traced\(\): .* expected to decorate a method$/);
        expect(decorate('get items() { return 1; }')).to.throw(
          TypeError,
          /^@traced\(\): .* expected to decorate a method$/,
        );
        expect(() => run('@traced() export class Feed {}', mode)).to.throw(
          TypeError,
          /^@traced\(\): .* to decorate a method$/,
        );
      });
    });
  }

  it('traces private methods, of instances and static (standard decorators only: the others know none)', async () => {
    const source = `
      export class Feed {
        @traced() async *#items() { yield 1; }
        @traced() static async *#all() { yield 2; }
        items() { return this.#items(); }
        static all() { return Feed.#all(); }
      }`;
    const { Feed } = run<{ Feed: { new (): { items(): AsyncGenerator }; all(): AsyncGenerator } }>(source, 'standard');
    expect(await drain(new Feed().items())).to.deep.equal([1]);
    expect(await drain(Feed.all())).to.deep.equal([2]);
    expect(tracing.spans().map(({ name }) => name)).to.deep.equal(['Feed.#items', 'Feed.#all']);
  });

  it('names the span after the method alone until there is an instance to tell the class', async () => {
    const { Feed } = run<Feeds>(FEEDS, 'standard');
    await drain(Feed.prototype.items.call({ prefix: 'x' } as never, 1));
    expect(tracing.onlySpan().name).to.equal('items');
  });

  it('refuses bad options where it is written, not where the method is called', () => {
    expect(() => traced({ startOn: 'next' } as never)).to.throw(
      TypeError,
      'options.startOn: \'next\' is not allowed; expected "pull" or "call"',
    );
    expect(() => traced({ name: 'items' } as never)).to.throw(TypeError, /^options\.name: unknown key/);
    expect(() => traced(1 as never)).to.throw(TypeError, 'options: 1 is not allowed; expected an object');
  });
});

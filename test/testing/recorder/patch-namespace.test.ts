import { trace } from '@opentelemetry/api';
import { expect } from 'chai';
import * as path from 'node:path';
import { pathToFileURL } from 'node:url';
import { types } from 'node:util';
import { SpanRecorder } from '../../../src/testing';
import { drain, FIXTURES, forget, load } from '../../install/support';

describe('recorder.patch', () => {
  let recorder: SpanRecorder;
  beforeEach(() => {
    recorder = new SpanRecorder();
  });
  afterEach(() => {
    recorder.shutdown();
    forget(FIXTURES);
  });
  const names = () => recorder.finished().map(({ name }) => name);

  async function* stream() {
    yield 1;
  }
  class Client {
    async *items() {
      yield 1;
    }
    static async *all() {
      yield 1;
    }
  }

  it('traces the exports that the selectors name, until the recorder is shut down', async () => {
    const feed = { stream, Client, other: stream };
    recorder.patch(feed, ['stream', 'Client#items', 'Client.all']);
    await drain(feed.stream());
    await drain(new Client().items());
    await drain(Client.all());
    expect(names()).to.deep.equal(['stream', 'Client.items', 'Client.all']);
    // One function under two names is traced under both.
    expect(feed.other).to.equal(feed.stream);
    recorder.shutdown();
    expect(feed).to.include({ stream, other: stream });
  });

  it('traces every async generator without selectors', async () => {
    const feed = { stream, plain: () => [1] };
    recorder.patch(feed);
    await drain(feed.stream());
    expect(feed.plain()).to.deep.equal([1]);
    expect(names()).to.deep.equal(['stream']);
  });

  it('says of the spans what hooks would, if it is told the module', async () => {
    const feed = { stream };
    recorder.patch(feed, ['stream'], { module: './src/feed.js', attributes: { 'app.feed': 'news' }, spanName: 'read' });
    await drain(feed.stream());
    expect(String(recorder)).to.equal(
      [
        '- read [completed, 1 item]',
        '  app.feed: "news"',
        '  async_generator.module.name: "./src/feed.js"',
        '  code.file.path: "./src/feed.js"',
        '  code.function.name: "stream"',
      ].join('\n'),
    );
  });

  it('says nothing of a module that it is not told', async () => {
    const feed = { stream };
    recorder.patch(feed);
    await drain(feed.stream());
    expect(String(recorder)).to.equal('- stream [completed, 1 item]\n  code.function.name: "stream"');
  });

  it('takes a single patch off again, and ends its open runs', async () => {
    const feed = { stream };
    const unpatch = recorder.patch(feed);
    await feed.stream().next();
    unpatch();
    expect(feed.stream).to.equal(stream);
    expect(String(recorder)).to.match(/interrupted/);
    unpatch();
  });

  it('patches getters that can be redefined, as Vitest has them', async () => {
    const feed = Object.defineProperty(Object.create(null) as { stream: typeof stream }, 'stream', {
      get: () => stream,
      enumerable: true,
      configurable: true,
    });
    recorder.patch(feed, ['*']);
    await drain(feed.stream());
    expect(names()).to.deep.equal(['stream']);
  });

  it('patches the module behind a copy of its exports, as compilers make them for `import *`', async () => {
    const exports = { stream, viaExports: () => exports.stream() };
    const copy = { ...exports, default: exports };
    recorder.patch(copy, ['stream']);
    await drain(copy.stream());
    await drain(copy.viaExports());
    expect(names()).to.deep.equal(['stream', 'stream']);
    recorder.shutdown();
    await drain(copy.stream());
    await drain(copy.viaExports());
    expect(names()).to.have.length(2);
  });

  it('says that an export is not there, with the nearest name, and patches nothing', () => {
    const feed = { stream, Client };
    expect(() => recorder.patch(feed, ['Client#items', 'strem'], { module: './feed.js' })).to.throw(
      'recorder.patch: no export matches strem in ./feed.js; the nearest names are stream',
    );
    expect(trace.getTracer('x')).to.be.an('object');
    expect(Object.getOwnPropertyDescriptor(Client.prototype, 'items')?.value).not.to.be.undefined;
    expect(names()).to.deep.equal([]);
  });

  it('says that an export is not a function', () => {
    expect(() => recorder.patch({ limit: 1 }, ['limit'])).to.throw('recorder.patch: limit is a number, not a function');
  });

  it('says that an export cannot be replaced, and what to do', () => {
    const feed = Object.freeze({ stream });
    expect(() => recorder.patch(feed, ['stream'])).to.throw(
      'stream cannot be replaced: it is read-only; trace it with traceAsyncGenerator instead',
    );
  });

  it('says of the namespace of an ES module why it cannot be patched, but does patch its classes', async () => {
    const file = pathToFileURL(path.join(FIXTURES, 'own-modules/stream.mjs')).href;
    // Not the `import()` that tsx would make a `require` of.
    const namespace = (await new Function('file', 'return import(file)')(file)) as object;
    expect(types.isModuleNamespaceObject(namespace)).to.equal(true);
    expect(() => recorder.patch(namespace)).to.throw(
      /Exports of an ES module cannot be replaced once it is loaded[^]*--import or NODE_OPTIONS/,
    );
  });

  it('works on a CommonJS module that was required', async () => {
    const module = load('writable-data');
    recorder.patch(module, ['count']);
    await drain(load('writable-data').count());
    expect(names()).to.deep.equal(['count']);
  });

  /** Arguments as the caller wrote them; how the message begins. */
  const refused: [selectors: unknown, options: unknown, message: string][] = [
    ['stream', undefined, "selectors: 'stream' is not allowed; expected an array of at least one selector"],
    [[], undefined, 'selectors: [] is not allowed; expected an array of at least one selector'],
    [['stream', 1], undefined, 'selectors[1]: 1 is not allowed; expected a selector such as'],
    [['stream', 'a b[['], undefined, "selectors[1]: 'a b[[' is not allowed; expected a selector such as"],
    [
      ['stream'],
      { modul: './feed.js' },
      'options.modul: unknown key; did you mean module? The keys are module, spanName, spanKind, attributes, startOn',
    ],
    [['stream'], { exports: ['x'] }, 'options.exports: unknown key; '],
    [['stream'], { module: 1 }, 'options.module: 1 is not allowed; expected a package'],
    [['stream'], { module: 'two words' }, "options.module: 'two words' is not allowed; expected a package"],
    [['stream'], { spanName: '' }, "options.spanName: '' is not allowed; expected a string that is not empty"],
    [['stream'], null, 'options: null is not allowed; expected an object'],
  ];
  for (const [selectors, options, message] of refused) {
    it(`refuses a mistake by the name of the parameter: ${message}`, () => {
      expect(() => recorder.patch({ stream }, selectors as string[], options as object)).to.throw(TypeError, message);
    });
  }

  it('refuses what is not a module, and ends with the recorder', () => {
    expect(() => recorder.patch(undefined as never)).to.throw(TypeError, 'namespace: undefined is not allowed');
    recorder.shutdown();
    expect(() => recorder.patch({ stream })).to.throw('the recorder has been shut down');
  });
});

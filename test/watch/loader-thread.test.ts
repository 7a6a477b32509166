import { expect } from 'chai';
import { createRequire, type ResolveHookContext } from 'node:module';
import type { MessagePort } from 'node:worker_threads';
import type { LoaderMessage } from '../../src/watch/register-hooks';
import type * as LoaderThread from '../../src/loader-thread';

const requireFile = createRequire(__filename);
const FILE = requireFile.resolve('../../src/loader-thread');

/** Stands in for import-in-the-middle; what happens to it, it tells the global `loaderEvents`. */
const moduleOf = (source: string) => `data:text/javascript,${encodeURIComponent(source)}`;
const WORKING = moduleOf(`
  globalThis.loaderEvents.push('load');
  export const createHook = ({ url }) => ({
    async initialize() { globalThis.loaderEvents.push('initialize ' + url); },
    resolve: (specifier) => ({ url: 'wrapped:' + specifier }),
    load: (url) => ({ format: 'module', source: 'wrapper of ' + url }),
  });`);
const BROKEN = moduleOf(`throw new Error('no such file');`);

const ATTRIBUTES = { importAttributes: {}, importAssertions: {} };
const IMPORTED = { conditions: ['node', 'import'], ...ATTRIBUTES, parentURL: 'file:///app/main.mjs' };
const next = (specifier: string) => ({ url: `file:///app/${specifier}` });
const nextLoad = (url: string) => ({ format: 'module', source: `native ${url}` });

describe('the loader thread', () => {
  const globals = globalThis as { loaderEvents?: string[] };
  const { emitWarning } = process;
  let loader: typeof LoaderThread;
  let messages: LoaderMessage[];
  const start = (createHook: string) => {
    loader.initialize({
      createHook,
      hook: 'file:///hook.mjs',
      inclusions: [{ pattern: /target\.mjs$/, onlyGenerators: false }],
      registrar: '$registrar',
      sources: [],
      messages: { postMessage: (message: LoaderMessage) => void messages.push(message) } as MessagePort,
    });
  };
  const resolve = async (specifier: string, context: ResolveHookContext = IMPORTED) =>
    (await loader.resolve(specifier, context, next)).url;

  beforeEach(() => {
    globals.loaderEvents = [];
    messages = [];
    Reflect.deleteProperty(requireFile.cache, FILE);
    loader = requireFile(FILE) as typeof LoaderThread;
  });
  afterEach(() => {
    delete globals.loaderEvents;
    process.emitWarning = emitWarning;
    Reflect.deleteProperty(requireFile.cache, FILE);
  });

  it('does not load import-in-the-middle for what no target includes, what is required, and the first file', async () => {
    start(WORKING);
    const urls = [
      await resolve('other.mjs'),
      await resolve('target.mjs', { ...IMPORTED, conditions: ['require'] }),
      await resolve('target.mjs', { ...IMPORTED, parentURL: undefined }),
    ];
    expect(urls).to.deep.equal(['file:///app/other.mjs', 'file:///app/target.mjs', 'file:///app/target.mjs']);
    expect(
      await loader.load('file:///app/other.mjs', { format: 'module', conditions: [], ...ATTRIBUTES }, nextLoad),
    ).to.include({
      source: 'native file:///app/other.mjs',
    });
    expect(globals.loaderEvents).to.deep.equal([]);
  });

  it('loads it once, and gives it every import that waits for it, and all later ones', async () => {
    start(WORKING);
    const urls = await Promise.all([resolve('target.mjs'), resolve('a/target.mjs')]);
    expect([...urls, await resolve('other.mjs')]).to.deep.equal([
      'wrapped:target.mjs',
      'wrapped:a/target.mjs',
      'wrapped:other.mjs',
    ]);
    expect(globals.loaderEvents).to.deep.equal(['load', 'initialize file:///hook.mjs']);
  });

  it('lets its own imports pass while it is being loaded, which would wait for themselves, targets or not', async () => {
    start(WORKING);
    const first = resolve('target.mjs');
    // One turn: by then it has begun to load.
    await Promise.resolve();
    const own = { ...IMPORTED, parentURL: 'file:///app/node_modules/es-module-lexer/dist/lexer.js' };
    expect(await resolve('target.mjs', own)).to.equal('file:///app/target.mjs');
    expect(await first).to.equal('wrapped:target.mjs');
  });

  it('lets the program run untraced where it cannot be loaded, and warns once', async () => {
    start(BROKEN);
    expect(await resolve('target.mjs')).to.equal('file:///app/target.mjs');
    expect(await resolve('target.mjs')).to.equal('file:///app/target.mjs');
    expect(messages).to.have.lengthOf(1);
    expect(messages[0]).to.include({ level: 'error', silent: false });
    expect(messages[0]).to.have.property('text').that.includes('no such file');
  });
});

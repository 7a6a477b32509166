import { expect } from 'chai';
import { buildSync, transformSync } from 'esbuild';
import ts = require('typescript');
import { drain, load, patchedIn, runProgram, setUpPatching, spansOf, type Exports } from './support';
import { makeFolder, writeFile } from '../support/folder';

describe('a wildcard takes async generators', () => {
  const patching = setUpPatching();
  const { instrument } = patching;
  const spans = () => spansOf(patching.tracing);

  it('in exported objects, however deep', async () => {
    instrument('held-generators');
    expect(await drain(load('held-generators').resolvers.Subscription.ticks.subscribe())).to.deep.equal([1, 2]);
    expect(spans()).to.deep.equal(['resolvers.Subscription.ticks.subscribe completed']);
  });

  it('that an exported instance has from its class, and from the parent of that', async () => {
    instrument('held-generators');
    const { client } = load('held-generators');
    expect(await drain(client.list())).to.deep.equal(['c']);
    expect(await drain(client.rest())).to.deep.equal(['rest']);
    expect(spans()).to.deep.equal(['client.list completed', 'client.rest completed']);
  });

  it('that are properties of functions, even where those are generators themselves', async () => {
    instrument('held-generators');
    const { got, outer } = load('held-generators');
    await drain(got.paginate());
    await drain(outer());
    await drain(outer.pages());
    expect(spans()).to.deep.equal(['got.paginate completed', 'outer completed', 'outer.pages completed']);
  });

  it('of a class written as a function, and of its parent, which is not exported', async () => {
    instrument('held-generators');
    const child = new (load('held-generators').Child)();
    expect(await drain(child.watch())).to.deep.equal(['watch']);
    expect(await drain(child.pull())).to.deep.equal(['pull']);
    expect(spans()).to.deep.equal(['Child.watch completed', 'Child.pull completed']);
  });

  it('but not in what is excluded, nor below it', async () => {
    instrument([{ module: 'held-generators', exclude: ['resolvers', 'Child', 'client.list'] }]);
    const { resolvers, Child, client } = load('held-generators');
    await drain(resolvers.Subscription.ticks.subscribe());
    await drain(new Child().watch());
    await drain(client.list());
    expect(spans()).to.deep.equal([]);
  });

  it('but reads no getter, and looks into no instance, no array and no module of others', () => {
    const { setInterval } = load('node:timers/promises');
    const { count } = load('writable-data');
    const instrumentation = instrument('held-generators');
    const exports = load('held-generators');
    expect(exports.reads).to.equal(0);
    expect(load('node:timers/promises').setInterval).to.equal(setInterval);
    expect(load('writable-data').count).to.equal(count);
    expect(patchedIn(instrumentation.getPatchReport())).to.have.members([
      'resolvers.Subscription.ticks.subscribe: property',
      'client.list: property',
      'client.rest: property',
      'got.paginate: property',
      'outer: property',
      'outer.pages: property',
      'Child.watch: property',
      'Child.pull: property',
    ]);
  });

  it('and puts every one of them back', () => {
    const exports = load('held-generators');
    const { resolvers, client, got, outer, Child } = exports;
    const owners: object[] = [
      exports,
      resolvers.Subscription.ticks,
      Object.getPrototypeOf(client),
      got,
      outer,
      Child.prototype,
    ];
    const describeAll = () => owners.map((owner) => Object.getOwnPropertyDescriptors(owner));
    const before = describeAll();
    const instrumentation = instrument('held-generators');
    expect(describeAll()).to.not.deep.equal(before);
    instrumentation.disable();
    expect(describeAll()).to.deep.equal(before);
  });

  it('in ES modules, and in the namespaces that they export', async () => {
    const { spans: ended } = await runProgram({
      targets: 'held-generators-esm',
      code: `
        import items, { resolvers, client, ns } from 'held-generators-esm';
        seen.values = [
          await drain(resolvers.Subscription.ticks.subscribe()), await drain(items.items()), await drain(client.list()),
          await drain(ns.count()), ns.plain, Object.keys(ns), ns[Symbol.toStringTag], Object.getPrototypeOf(ns),
        ];`,
    });
    expect(ended).to.deep.equal([
      'resolvers.Subscription.ticks.subscribe completed',
      'default.items completed',
      'client.list completed',
      'ns.count completed',
    ]);
  });

  describe('that were compiled for an old target', () => {
    const SOURCE = `
      export async function* numbers(to = 1) { for (let i = 0; i < to; i++) yield i; }
      export const doubled = async function* (to) { for (let i = 0; i < to; i++) yield i * 2; };
      export class Repo { async *all() { yield* numbers(2); } static async *make() { yield 'made'; } }
      export const held = { async *pages() { yield 'page'; } };
      export async function load() { return []; }
      export const nested = () => async function* () {};
      export default async function* () { yield 'default'; }`;
    const folder = makeFolder();
    const typescript = (target: ts.ScriptTarget) => () =>
      ts.transpileModule(SOURCE, { compilerOptions: { target, module: ts.ModuleKind.CommonJS } }).outputText;

    for (const [name, compile] of Object.entries<() => string>({
      'TypeScript, ES2017': typescript(ts.ScriptTarget.ES2017),
      'TypeScript, ES2015': typescript(ts.ScriptTarget.ES2015),
      'esbuild, ES2017': () => transformSync(SOURCE, { target: 'es2017', format: 'cjs' }).code,
      'a bundle of esbuild': () => {
        const stdin = { contents: SOURCE, loader: 'js' as const };
        return (
          buildSync({ stdin, bundle: true, target: 'es2017', format: 'cjs', write: false }).outputFiles[0]?.text ?? ''
        );
      },
    })) {
      it(`by ${name}`, async () => {
        const file = writeFile(folder, `${name.replaceAll(/\W+/g, '-')}.cjs`, compile());
        instrument(`${file}[*]`);
        const exports = load(file);
        expect(await drain(exports.numbers(2))).to.deep.equal([0, 1]);
        expect(await drain(exports.doubled(2))).to.deep.equal([0, 2]);
        expect(await drain(new exports.Repo().all())).to.deep.equal([0, 1]);
        expect(await drain(exports.Repo.make())).to.deep.equal(['made']);
        expect(await drain(exports.held.pages())).to.deep.equal(['page']);
        expect(await drain(exports.default())).to.deep.equal(['default']);
        await exports.load();
        exports.nested();
        const names = spans().map((each) => each.replace('default_1', 'default').replace('stdin_default', 'default'));
        expect(names).to.have.members([
          ...['numbers completed', 'doubled completed', 'Repo.all completed'],
          ...['Repo.make completed', 'held.pages completed', `default completed`],
        ]);
      });
    }

    it('by Babel, which leaves its helper out of the function itself', async () => {
      const instrumentation = instrument('lowered-by-babel');
      const exports = load('lowered-by-babel');
      expect(await drain(exports.numbers(2))).to.deep.equal([0, 1]);
      expect(await drain(exports.doubled(2))).to.deep.equal([0, 2]);
      expect(await drain(new exports.Repo().all())).to.deep.equal(['all']);
      expect(spans()).to.deep.equal(['numbers completed', 'doubled completed', 'Repo.all completed']);
      expect(patchedIn(instrumentation.getPatchReport())).to.have.lengthOf(3);
    });

    it('whose call alone does not start a run, as with a generator', () => {
      const instrumentation = instrument('lowered-by-babel[*,numbers]');
      const { numbers, doubled } = load('lowered-by-babel') as Exports;
      numbers(1);
      doubled(1);
      instrumentation.disable();
      expect(spans()).to.deep.equal([]);
    });
  });
});

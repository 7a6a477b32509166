/**
 * Sources that loaders compile: what they hand over is traced, whoever has registered hooks first.
 */
import { expect } from 'chai';
import * as fs from 'node:fs';
import { PACKAGE_NAME } from '../../src/version';
import { runNode } from '../support/child';
import { makeProject } from '../support/folder';

const NOTHING_TO_STRIP = 'enum First { Item = 1 }';

const FILES = {
  // A language of its own, in which `<-` is `yield`.
  'pages.mjs': 'export async function* pages() {\n  <- 1;\n}\n',
  'app.mjs': "import { pages } from './pages.mjs';\nfor await (const page of pages()) console.log(page);\n",
  'arrows.mjs': `export async function load(url, context, next) {
  const result = await next(url, context);
  return url.endsWith('pages.mjs') ? { ...result, source: String(result.source).replace('<-', 'yield') } : result;
}\n`,
  'register.mjs': "import Module from 'node:module';\nModule.register('./arrows.mjs', import.meta.url);\n",
  'register-hooks.mjs': `import Module from 'node:module';
Module.registerHooks({
  load(url, context, next) {
    const result = next(url, context);
    return url.endsWith('pages.mjs') ? { ...result, source: String(result.source).replace('<-', 'yield') } : result;
  },
});\n`,
  'print-hooks.mjs': `import Module from 'node:module';
const { register, registerHooks } = Module;
console.log([register, registerHooks].map((method) => method && [method.name, method.length]));\n`,
  'lib.cts': `${NOTHING_TO_STRIP}\nexport async function* items() {\n  yield First.Item;\n}\n`,
  'import.mts': "import lib from './lib.cts';\nfor await (const item of lib.items()) console.log(item);\n",
  'required.cts': `${NOTHING_TO_STRIP}\nasync function* items() {\n  yield First.Item;\n}\nmodule.exports = { items };\n`,
  'import-required.mts':
    "import lib from './required.cts';\nfor await (const item of lib.items()) console.log(item);\n",
  'tsconfig.json': '{ "compilerOptions": { "jsx": "react", "jsxFactory": "h" } }',
  'app.tsx': `const h = (name: string, _: null, child: unknown) => ({ name, child }) as unknown;
async function* items() {
  yield <p>{1}</p>;
}
async function main() {
  for await (const item of items()) console.log((item as { child: number }).child);
}
void main();\n`,
  'failing.ts': `enum First { Item = 1 }
class Pages { constructor(private readonly first: number) {}
  async *items(): AsyncGenerator<number> { yield this.first;
  throw new Error('no more'); } }
async function main(): Promise<void> { for await (const item of new Pages(First.Item).items()) console.log(item); }
main().catch((error) => console.log(error.stack));
export {};\n`,
  'typeless/app.ts': `${NOTHING_TO_STRIP}
async function* items() {
  yield First.Item;
}
async function main(): Promise<void> {
  for await (const item of items()) console.log(item);
}
void main();
export {};\n`,
};

describe('sources that loaders compile', function () {
  this.timeout(60_000);

  let folder: string;
  before(() => {
    folder = makeProject(FILES, ['tsx']);
  });
  after(() => {
    fs.rmSync(folder, { recursive: true });
  });

  const run = (args: readonly string[], exporter = 'console') =>
    runNode(args, {
      cwd: folder,
      env: {
        NODE_NO_WARNINGS: '1',
        OTEL_TRACES_EXPORTER: exporter,
        OTEL_METRICS_EXPORTER: 'none',
        OTEL_INSTRUMENTATION_ASYNC_GENERATOR_TARGETS: './**/{pages.mjs,*.ts,*.cts,*.tsx}',
      },
    });
  const REGISTER = ['--import', `${PACKAGE_NAME}/register`];

  const hooks = [
    'register.mjs',
    ...('registerHooks' in process.getBuiltinModule('module') ? ['register-hooks.mjs'] : []),
  ];
  for (const loader of hooks) {
    for (const [order, args] of [
      ['before', ['--import', `./${loader}`, ...REGISTER]],
      ['after', [...REGISTER, '--import', `./${loader}`]],
    ] as const) {
      it(`are traced as they run where ${loader} comes ${order} us`, async () => {
        const { stdout, stderr } = await run([...args, 'app.mjs']);
        expect(stderr).to.equal('');
        expect(stdout).to.match(/^1\n/).and.include("name: 'pages'").and.include("'code.line.number': 1");
      });
    }
  }

  it("leave module.register and module.registerHooks with the names and lengths of Node's", async () => {
    const [untraced, traced] = await Promise.all([
      run(['print-hooks.mjs']),
      run([...REGISTER, 'print-hooks.mjs'], 'none'),
    ]);
    expect(traced.stdout).to.equal(untraced.stdout).and.include("'register', 1");
  });

  describe('of TypeScript that holds more than types', function () {
    const OPTION = '--experimental-transform-types';
    before(function () {
      if (!process.allowedNodeEnvironmentFlags.has(OPTION)) this.skip();
    });

    for (const [title, app] of [
      ['it', 'typeless/app.ts'],
      ['CommonJS that an ES module imports', 'import-required.mts'],
    ] as const) {
      it(`are traced where Node compiles ${title}`, async () => {
        const { stdout, stderr } = await run([OPTION, ...REGISTER, app]);
        expect(stderr).to.equal('');
        expect(stdout).to.match(/^1\n/).and.include("name: 'items'").and.include("'code.line.number': 2");
      });
    }

    it('leave the stacks of errors as they are', async () => {
      const [untraced, traced] = await Promise.all([
        // Which frames of Node's own are seen depends on whether anything is imported first.
        run([OPTION, '--import', 'data:text/javascript,', 'failing.ts']),
        run([OPTION, ...REGISTER, 'failing.ts'], 'none'),
      ]);
      expect(traced.stdout).to.equal(untraced.stdout).and.include('failing.ts:4:9');
    });
  });

  for (const [order, args] of [
    ['before', ['--import', 'tsx', ...REGISTER]],
    ['after', [...REGISTER, '--import', 'tsx']],
  ] as const) {
    for (const [title, app] of [
      ['CommonJS that an ES module imports', 'import.mts'],
      ['a file of a package that has no type', 'typeless/app.ts'],
      ['JSX', 'app.tsx'],
    ] as const) {
      it(`of ${title} are traced where tsx comes ${order} us`, async () => {
        const { stdout, stderr } = await run([...args, app]);
        expect(stderr).to.equal('');
        expect(stdout).to.match(/^1\n/).and.include("name: 'items'").and.include("'code.line.number': 2");
      });
    }
  }
});

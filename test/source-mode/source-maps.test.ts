/**
 * Sources that a compiler has made: stacks and attributes name what the user has written.
 */
import { expect } from 'chai';
import { buildSync } from 'esbuild';
import * as fs from 'node:fs';
import { SourceMap } from 'node:module';
import * as path from 'node:path';
import { pathToFileURL } from 'node:url';
import { PACKAGE_NAME } from '../../src/version';
import { runNode } from '../support/child';
import { makeProject } from '../support/folder';

interface Coverage {
  readonly 'source-map-cache'?: Readonly<Record<string, { data: object; lineLengths: number[] }>>;
}

const SOURCE = `interface Page { readonly number: number }
class Book {
  constructor(readonly title: string) {}
  async *pages(): AsyncGenerator<Page> {
    yield { number: 1 };
    throw new Error(this.title);
  }
}
async function* items() {
  for await (const { number } of new Book('torn').pages()) yield number;
}
(async () => {
  try {
    for await (const item of items()) console.log(item);
  } catch (error) {
    console.log((error as Error).stack);
  }
})();
`;

const COVERED = `const more = async function* () { yield 1; };
class Book {
  async *pages() { yield* more(); }
  idle() {
    return 1;
  }
}
if (typeof Book !== 'function') {
  new Book().idle();
}
(async () => {
  for await (const _ of new Book().pages());
})();`;

describe('source maps of files that are seen as source', function () {
  this.timeout(60_000);

  let folder: string;
  before(() => {
    folder = makeProject({ 'src/app.ts': SOURCE }, ['tsx']);
    for (const [format, extension] of [
      ['esm', 'mjs'],
      ['cjs', 'cjs'],
    ] as const) {
      for (const sourcemap of ['inline', 'linked'] as const) {
        buildSync({
          entryPoints: [path.join(folder, 'src/app.ts')],
          outfile: path.join(folder, `${sourcemap}.${extension}`),
          bundle: true,
          minify: true,
          format,
          sourcemap,
        });
      }
    }
  });
  after(() => {
    fs.rmSync(folder, { recursive: true });
  });

  const run = (args: readonly string[], isTraced: boolean, env: NodeJS.ProcessEnv = {}) =>
    runNode([...args.slice(0, -1), ...(isTraced ? ['--import', `${PACKAGE_NAME}/register`] : []), ...args.slice(-1)], {
      cwd: folder,
      env: {
        NODE_NO_WARNINGS: '1',
        OTEL_TRACES_EXPORTER: isTraced ? 'console' : 'none',
        OTEL_INSTRUMENTATION_ASYNC_GENERATOR_TARGETS: './**/*.{ts,mjs,cjs}',
        ...env,
      },
    });
  /** Those of the program: async stack traces end where a pull is observed, with and without source. */
  const places = (text: string) => text.match(/^ +at .*app\.ts.*$/gm)?.slice(0, 1);

  for (const [title, args] of [
    ['a minified ES module with an inline map', ['--enable-source-maps', 'inline.mjs']],
    ['a minified ES module with a map in another file', ['--enable-source-maps', 'linked.mjs']],
    ['minified CommonJS with an inline map', ['--enable-source-maps', 'inline.cjs']],
    ['minified CommonJS with a map in another file', ['--enable-source-maps', 'linked.cjs']],
    ['what tsx has compiled', ['--import', 'tsx', 'src/app.ts']],
  ] as const) {
    it(`of ${title} lead to the same places, traced and untraced`, async () => {
      const [untraced, traced] = await Promise.all([run(args, false), run(args, true)]);
      expect(untraced.stdout).to.match(/app\.ts:6:11/);
      expect(places(traced.stdout), traced.stderr).to.deep.equal(places(untraced.stdout));
    });

    it(`of ${title} say where a definition was written`, async () => {
      const { stdout } = await run(args, true);
      const file = path.join(folder, 'src/app.ts');
      expect(stdout).to.include(`'code.file.path': '${file}'`);
      expect(stdout.match(/'code\.line\.number': \d+/g)).to.have.members([
        "'code.line.number': 4",
        "'code.line.number': 9",
      ]);
    });
  }

  for (const extension of ['mjs', 'cjs']) {
    it(`are there for coverage, which counts characters of a ${extension} file that has none`, async () => {
      const name = `covered.${extension}`;
      fs.writeFileSync(
        path.join(folder, name),
        `async function* items() {\n  yield 1;\n}\nfunction unused() {\n  return 1;\n}\n(async () => {\n  for await (const _ of items());\n})();\n`,
      );
      const directory = path.join(folder, `coverage-${extension}`);
      await run([name], true, { NODE_V8_COVERAGE: directory });
      const [, map] = fs
        .readdirSync(directory)
        .map((file) => JSON.parse(fs.readFileSync(path.join(directory, file), 'utf8')) as Coverage)
        .flatMap((coverage) => Object.entries(coverage['source-map-cache'] ?? {}))
        .find(([url]) => url.endsWith(name)) as [string, { data: object; lineLengths: number[] }];
      const { sources } = map.data as { sources: string[] };
      expect(sources).to.deep.equal([pathToFileURL(path.join(folder, name)).href]);
      const sourceMap = new SourceMap(map.data as ConstructorParameters<typeof SourceMap>[0]);
      const start = (map.lineLengths[0] as number) - 'async function* items() {'.length;
      expect(start).to.be.greaterThan(0);
      expect(sourceMap.findEntry(0, start)).to.include({ originalLine: 0, originalColumn: 0 });
      expect(sourceMap.findEntry(3, 9)).to.include({ originalLine: 3, originalColumn: 9 });
    });

    for (const [title, end] of [
      ['with', '\n'],
      ['without', ''],
    ] as const) {
      it(`let node:test count the lines of a ${extension} file ${title} a line break at its end as untraced`, async function () {
        // Node 20 forgets the line breaks of what has a map, traced or not.
        if (Number.parseInt(process.versions.node) < 22) this.skip();
        const name = `lines-${title}.${extension}`;
        fs.writeFileSync(path.join(folder, name), COVERED + end);
        fs.writeFileSync(path.join(folder, `${name}.test.mjs`), `await import('./${name}');`);
        const flags = ['--enable-source-maps', '--experimental-test-coverage', '--test-reporter=lcov', '--test'];
        const linesOf = async (isTraced: boolean) => {
          const { stdout, stderr } = await run([...flags, `${name}.test.mjs`], isTraced, {
            OTEL_TRACES_EXPORTER: 'none',
          });
          const report = stdout.split('end_of_record').find((each) => each.includes(`SF:${name}`));
          return { stderr, lines: report?.match(/^DA:.*/gm) };
        };
        const untraced = await linesOf(false);
        expect(untraced.lines).to.include.members(['DA:5,0', 'DA:9,0', 'DA:10,0', 'DA:11,1']);
        expect(await linesOf(true)).to.deep.equal(untraced);
      });
    }
  }
});

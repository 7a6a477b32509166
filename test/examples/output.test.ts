/**
 * What the documents say that commands print.
 */
import { expect } from 'chai';
import * as fs from 'node:fs';
import * as path from 'node:path';
import { ROOT } from '../support/child';
import { readPage } from '../support/examples';
import { makeFolder } from '../support/folder';
import { runCli } from '../cli/support';
import { blocksIn } from './blocks';

/** Tests that compare a block with what is printed, by its page and its first line. */
const COMPARED: Record<string, string> = {
  'README.md, RUN ': 'test/examples/readme.test.ts',
  'examples/README.md, Read to the end: ': 'test/examples/demo.test.ts',
  'examples/README.md, sensor: ': 'test/examples-suite/readme.test.ts',
  'examples/README.md, model: ': 'test/examples-suite/readme.test.ts',
  'examples/README.md, What is a stream?': 'test/examples-suite/readme.test.ts',
  'examples/README.md, first browser: ': 'test/examples-suite/readme.test.ts',
  'examples/README.md, exported 900 orders': 'test/examples-suite/readme.test.ts',
  'examples/README.md, machine 4 is at 81 degrees': 'test/examples-suite/readme.test.ts',
  'examples/README.md, page 1 ...': 'test/examples-suite/readme.test.ts',
  'examples/README.md, lamp for 49.00 euros': 'test/examples-suite/services.test.ts',
  'examples/README.md, GET ': 'test/examples-suite/services.test.ts',
  'doc/command-line.md, Read to the end: ': 'test/examples/output.test.ts',
  'doc/command-line.md, no-pull.mjs': 'test/examples/output.test.ts',
  'doc/command-line.md,  +': 'test/examples/output.test.ts',
  'doc/command-line.md, $ COLUMNS=110': 'test/packages/documents.test.mjs',
  'doc/command-line.md, ./src/feed.mjs': 'test/examples/output.test.ts',
  'doc/configuration.md, broken.yaml': 'test/options/documentation.test.ts',
};

/** They are not printed as they are: a trace drawn for the reader, a snapshot of any project, and the form of a snapshot. */
const DRAWN = [
  'examples/README.md, POST [server]',
  'doc/testing.md, - readOrders [completed, 3 items]',
  'doc/testing.md, - NAME #POSITION',
];

const PAGE = 'doc/command-line.md';

function shown(first: string): string {
  const found = blocksIn('text', 'json').filter((block) => block.page === PAGE && block.text.startsWith(first));
  expect(found, first).to.have.lengthOf(1);
  return found[0]?.text ?? '';
}

/** Without what differs from one time to the next: how long it took, and how that is drawn. */
const steady = (output: string) =>
  output
    .replace(/[\d.]+ m?s\b/g, 'TIME')
    .replace(/[█░◆]+/g, '')
    .replace(/[ +]+/g, ' ')
    .trim();

const NUMBERS = `export async function* numbers(to) {
  for (let number = 0; number < to; number++) yield number;
}
`;
const DOUBLED = `import { numbers } from './numbers.mjs';

async function* doubled() {
  for await (const number of numbers(4)) yield 2 * number;
}
for await (const number of doubled());
`;
const FAILING = `
async function* readOrders() {
  yield* [1, 2, 3];
  throw new RangeError('tuesday.txt: order 4 has no total');
}
try {
  for await (const order of readOrders());
} catch {}
`;

describe('what the documents say that commands print', () => {
  for (const { page, first, place } of blocksIn('text')) {
    it(`is compared with what they print: ${place}`, () => {
      const name = `${page}, ${first}`;
      if (DRAWN.some((start) => name.startsWith(start))) return;
      const [test] = Object.entries(COMPARED).flatMap(([start, file]) => (name.startsWith(start) ? [file] : []));
      expect(test, 'add it to COMPARED').to.be.a('string');
      expect(readPage(test as string)).to.include(page);
    });
  }

  it('is all in the documents that is listed here', () => {
    const names = blocksIn('text').map(({ page, first }) => `${page}, ${first}`);
    const unused = [...Object.keys(COMPARED), ...DRAWN].filter(
      (start) => !names.some((name) => name.startsWith(start)),
    );
    expect(unused).to.deep.equal([]);
  });

  it('the timeline of the demo without spans', async () => {
    const { report, stdout } = await runCli(['run', 'app.mjs'], { cwd: path.join(ROOT, 'examples/demo') });
    expect(steady(stdout + report)).to.equal(steady(shown('Read to the end:')));
  });

  it('why nothing was seen', async () => {
    const app = "import { numbers } from './numbers.mjs';\n\nnumbers(3);\n";
    const cwd = makeFolder({ 'numbers.mjs': NUMBERS, 'no-pull.mjs': app });
    const { report } = await runCli(['run', 'no-pull.mjs'], { cwd });
    expect(steady(report)).to.equal(steady(shown('no-pull.mjs ran')));
  });

  it('a line for each run, as it ends', async () => {
    const cwd = makeFolder({ 'numbers.mjs': NUMBERS, 'app.mjs': DOUBLED + FAILING });
    const { report } = await runCli(['run', '--watch-spans', 'app.mjs'], { cwd });
    expect(steady(report.split('\n\n')[0] ?? '')).to.equal(steady(shown(' +356.9 ms')));
  });

  it('a run in JSON', async () => {
    const cwd = makeFolder({ 'numbers.mjs': NUMBERS, 'app.mjs': DOUBLED });
    const { report } = await runCli(['run', '--json', 'app.mjs'], { cwd });
    const { runs } = JSON.parse(report) as { runs: Record<string, unknown>[] };
    const steadyRun = (run: Record<string, unknown> = {}) => {
      const { pid, traceId, spanId, parentSpanId, ...rest } = run;
      const entries = Object.entries(rest).map(([key, value]) => [key, Number.isInteger(value) ? value : typeof value]);
      return [...[pid, traceId, spanId, parentSpanId].map((value) => typeof value), ...entries];
    };
    const found = runs.find(({ name }) => name === 'numbers');
    const inDocument = JSON.parse(shown('{\n  "type": "run"')) as Record<string, unknown>;
    expect(steadyRun(found)).to.deep.equal(steadyRun(inDocument));
    expect(found).to.include({
      name: 'numbers',
      module: './numbers.mjs',
      version: null,
      outcome: 'completed',
      error: null,
    });
  });

  it('the async generators in a file', async () => {
    const lines = [
      '// News',
      '',
      'async function* pages() {}',
      '',
      'export class Client {',
      '  constructor() {',
      '    this.news = pages();',
    ];
    lines.push('  }', '', '  close() {}', '', '  async *items() {}', '}', '');
    const cwd = makeFolder();
    fs.mkdirSync(path.join(cwd, 'src'));
    fs.writeFileSync(path.join(cwd, 'src/feed.mjs'), lines.join('\n'));
    const { stdout } = await runCli(['inspect', './src/feed.mjs'], { cwd });
    expect(stdout.toString().split('\n\nTo trace them')[0]).to.equal(shown('./src/feed.mjs').trimEnd());
  });
});

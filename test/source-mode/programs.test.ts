/**
 * Programs as their users start them, without a word about what to trace.
 */
import { expect } from 'chai';
import * as path from 'node:path';
import { runCli } from '../cli/support';

const FIXTURES = path.join(__dirname, 'fixtures');

interface Report {
  readonly runs: readonly {
    readonly spanId: string;
    readonly parentSpanId: string | null;
    readonly name: string;
    readonly items: number;
    readonly outcome: string;
  }[];
}

async function runsOf(args: readonly string[]): Promise<string[]> {
  const { stdout, stderr, status } = await runCli(['run', '--json', ...args], { cwd: FIXTURES });
  expect(status, stderr.toString()).to.equal(0);
  expect(stdout.toString()).to.equal('10\n20\n');
  const lines = stderr.toString().trim().split('\n');
  const { runs } = JSON.parse(lines[lines.length - 1] as string) as Report;
  const nameOf = (id: string | null) => runs.find(({ spanId }) => spanId === id)?.name ?? 'nothing';
  return runs.map(
    ({ name, parentSpanId, items, outcome }) => `${name} in ${nameOf(parentSpanId)}: ${items} items, ${outcome}`,
  );
}

const BOTH = ['items in nothing: 2 items, completed', 'pages in items: 2 items, completed'];
const runsTypeScript = Boolean((process.features as { typescript?: unknown }).typescript);

describe('a program of which nothing is said', function () {
  this.timeout(60_000);

  for (const program of ['one-file', 'main-exported', 'both-exported']) {
    for (const extension of ['mjs', 'cjs']) {
      it(`shows each generator of ${program}.${extension}, with its parent`, async () => {
        expect(await runsOf([`${program}.${extension}`])).to.deep.equal(BOTH);
      });
    }
  }

  for (const extension of ['mts', 'cts']) {
    it(`shows each generator of one-file.${extension}, whose types Node strips`, async function () {
      if (!runsTypeScript) this.skip();
      expect(await runsOf([`one-file.${extension}`])).to.deep.equal(BOTH);
    });

    it(`shows each generator of one-file.${extension}, compiled by tsx`, async () => {
      expect(await runsOf(['--node-option=--import=tsx', `one-file.${extension}`])).to.deep.equal(BOTH);
    });
  }
});

/** What `npm run bench -- --guard` makes of results: made up here, since real ones depend on the machine. */
import { expect } from 'chai';
import { readFileSync } from 'node:fs';
import * as path from 'node:path';
import { pathToFileURL } from 'node:url';
import { ROOT } from '../support/child';
import { runProgram } from '../support/program';
import { makeFolder, writeFile } from '../support/folder';

interface Measurement {
  column: string;
  row: string;
  condition?: string;
  [value: string]: unknown;
}

interface Guard {
  findRegressions(
    node: { major: number; measurements: Measurement[] },
    options?: {
      isWanted?: (column: string) => boolean;
      measureAgain?: (columns: Set<string>, conditions: Set<string>) => Promise<Measurement[]>;
    },
  ): Promise<string[]>;
}

/** Ratios, ticks, bytes and milliseconds, by `column row [condition]`. All within the budget of Node 24. */
const WITHIN_BUDGET = {
  'per-item recording': 1.9,
  'per-item timing-off': 1.6,
  'per-item not-recording': 1.1,
  'per-item recording without-sdk': 1,
  'per-item for-await': 2,
  'one-item-run recording': 5,
  'one-item-run by-hand': 4.5,
  'ticks unwrapped': 2,
  'ticks recording': 2,
  'bytes-retained-per-item recording': 0,
  'start-up sdk-cjs': 165,
  'start-up sdk-esm': 165,
  'start-up register-cjs': 30,
  'start-up register-esm': 35,
  'start-up-source parse-files': 200,
  'start-up-source seen-files': 290,
  'start-up-source parse-bundle': 900,
  'start-up-source seen-bundle': 1300,
  'start-up-source seen-first': 25,
  'growth-functions unwrapped 1': 1000,
  'growth-functions recording 1': 6000,
  'growth-functions unwrapped 1000': 300,
  'growth-functions recording 1000': 4300,
};

type Values = Partial<Record<keyof typeof WITHIN_BUDGET, number>>;

function measurementsOf(values: Values): Measurement[] {
  return Object.entries(values).map(([key, value]) => {
    const [column = '', row = '', condition] = key.split(' ');
    const summary = { median: value, q1: value, q3: value };
    const ofTime = { absolute: summary, ratio: summary };
    const kinds: Record<string, object> = { ticks: { value }, 'bytes-retained-per-item': { value } };
    if (column === 'growth-functions') return { column, row, at: Number(condition), ...ofTime };
    if (column.startsWith('start-up'))
      return { column, row, absolute: summary, absoluteCpu: summary, added: summary, addedCpu: summary };
    return { column, row, condition: condition ?? 'plain', ...(kinds[column] ?? ofTime) };
  });
}

const resultsWith = (values: Values) => measurementsOf({ ...WITHIN_BUDGET, ...values });

describe('The guard of the benchmark', () => {
  let findRegressions: Guard['findRegressions'];

  before(async () => {
    const file = pathToFileURL(path.join(ROOT, 'bench/guard.mjs')).href;
    ({ findRegressions } = (await import(file)) as Guard);
  });

  const regressionsOf = (values: Values) => findRegressions({ major: 24, measurements: resultsWith(values) });

  it('finds nothing in results that are within the budget', async () => {
    expect(await regressionsOf({})).to.deep.equal([]);
  });

  it('lets a ratio be over its budget by less than half', async () => {
    expect(await regressionsOf({ 'per-item not-recording': 1.72 })).to.deep.equal([]);
  });

  it('tells a ratio that is over its budget by more than half, with the bound', async () => {
    expect(await regressionsOf({ 'per-item not-recording': 1.74 })).to.deep.equal([
      'Node 24: per item, not sampled: 1.74 is over the bound of 1.725 (1.5 times the budget of 1.15)',
    ]);
  });

  it('takes the budget of the Node version', async () => {
    const measurements = resultsWith({ 'per-item recording': 2.9 });
    expect(await findRegressions({ major: 24, measurements })).to.deep.equal([]);
    expect(await findRegressions({ major: 20, measurements })).to.deep.equal([
      'Node 20: per item, recording, ratio to unwrapped: 2.90 is over the bound of 2.625 (1.5 times the budget of 1.75)',
    ]);
  });

  it('compares with the wrapper and the span that were made by hand', async () => {
    const over = await regressionsOf({ 'per-item for-await': 1.2, 'one-item-run by-hand': 1.7 });
    expect(over).to.have.length(2);
    expect(over[0]).to.include('wrapper: 1.58 is over the bound of 1.5 ');
    expect(over[1]).to.include(
      'made by hand: 2.94 is over the bound of 2.85 (1.5 times the 1.9 that it is known to be)',
    );
  });

  it('tells a start-up that takes half as long again as its budget', async () => {
    const over = await regressionsOf({ 'start-up register-cjs': 61, 'start-up register-esm': 59 });
    expect(over).to.have.length(1);
    expect(over[0]).to.include('CommonJS, ms: 61 is over the bound of 60 ');
  });

  it('lets a start-up take as much longer as the SDK’s own takes on a slower machine', async () => {
    expect(await regressionsOf({ 'start-up sdk-cjs': 330, 'start-up register-cjs': 119 })).to.deep.equal([]);
    expect(await regressionsOf({ 'start-up sdk-cjs': 330, 'start-up register-cjs': 121 })).to.have.length(1);
  });

  it('compares what source mode adds to the start of an application with the parser alone', async () => {
    const over = await regressionsOf({ 'start-up-source seen-files': 640, 'start-up-source seen-bundle': 2040 });
    expect(over).to.have.length(2);
    expect(over[0]).to.include('alone: 3.20 is over the bound of 3.15 (1.5 times the 2.1 that it is known to be)');
    expect(over[1]).to.include('alone: 2.27 is over the bound of 2.25 (1.5 times the budget of 1.5)');
  });

  it('tells a first file that takes half as long again as its budget', async () => {
    expect(await regressionsOf({ 'start-up-source seen-first': 44 })).to.deep.equal([]);
    expect(await regressionsOf({ 'start-up-source seen-first': 46 })).to.have.length(1);
  });

  it('lets the first file take longer where the machine parses more slowly', async () => {
    const slow = { 'start-up-source parse-files': 400, 'start-up-source seen-files': 580 };
    expect(await regressionsOf({ ...slow, 'start-up-source seen-first': 88 })).to.deep.equal([]);
    expect(await regressionsOf({ ...slow, 'start-up-source seen-first': 92 })).to.have.length(1);
  });

  it('compares what a run costs by a function of its own with one by a function that is made once', async () => {
    expect(await regressionsOf({ 'growth-functions recording 1': 14_000 })).to.deep.equal([]);
    expect(await regressionsOf({ 'growth-functions recording 1': 14_400 })).to.have.length(1);
  });

  it('has no leeway for what is counted', async () => {
    expect(await regressionsOf({ 'ticks recording': 3, 'bytes-retained-per-item recording': 0.1 })).to.deep.equal([
      'Node 24: ticks per pull beyond those of the unwrapped generator: 1 is over the bound of 0 (counted, so there is no leeway)',
      'Node 24: bytes retained per item: 0.1 is over the bound of 0 (counted, so there is no leeway)',
    ]);
  });

  it('tells what was not measured', async () => {
    const { 'per-item not-recording': _notMeasured, ...others } = WITHIN_BUDGET;
    expect(await findRegressions({ major: 24, measurements: measurementsOf(others) })).to.deep.equal([
      'Node 24: per item, not sampled: was not measured',
    ]);
  });

  it('does not miss a column that was not asked for', async () => {
    const isWanted = (column: string) => column === 'ticks';
    const measurements = measurementsOf({ 'ticks unwrapped': 2, 'ticks recording': 2 });
    expect(await findRegressions({ major: 24, measurements }, { isWanted })).to.deep.equal([]);
  });

  describe('measures again', () => {
    const bad: Values = { 'per-item recording without-sdk': 2 };
    const node = () => ({ major: 24, measurements: resultsWith(bad) });

    /** Gives one result after the other, and notes what it was asked for. */
    function tries(...results: Values[]) {
      const asked: string[] = [];
      const measureAgain = (columns: Set<string>, conditions: Set<string>) => {
        asked.push(`${[...columns].join()} ${[...conditions].join()}`);
        return Promise.resolve(measurementsOf(results[asked.length - 1] as Values));
      };
      return { asked, measureAgain };
    }

    it('not at all if nothing is over its bound', async () => {
      const { asked, measureAgain } = tries();
      await findRegressions({ major: 24, measurements: resultsWith({}) }, { measureAgain });
      expect(asked).to.deep.equal([]);
    });

    it('only what was over its bound, and is content with a better result', async () => {
      const { asked, measureAgain } = tries({ 'per-item recording without-sdk': 1.01 });
      expect(await findRegressions(node(), { measureAgain })).to.deep.equal([]);
      expect(asked).to.deep.equal(['per-item without-sdk']);
    });

    it('twice, and tells the best of three', async () => {
      const { asked, measureAgain } = tries(
        { 'per-item recording without-sdk': 1.6 },
        { 'per-item recording without-sdk': 1.8 },
      );
      expect(await findRegressions(node(), { measureAgain })).to.deep.equal([
        'Node 24: per item, no SDK registered: 1.60 is over the bound of 1.53 (1.5 times the budget of 1.02), the best of 3 tries',
      ]);
      expect(asked).to.have.length(2);
    });

    it('without losing what it has if it fails', async () => {
      const { measureAgain } = tries({}, {});
      expect(await findRegressions(node(), { measureAgain })).to.have.length(1);
    });
  });

  describe('on the command line', () => {
    const guard = (values: Values, ...args: string[]) => {
      const nodes = [{ major: 24, measurements: resultsWith(values), failures: [] }];
      const results = JSON.stringify({ version: '1.0.0', effort: 'quick', machine: { cores: 1 }, nodes });
      const file = writeFile(makeFolder(), 'results.json', results);
      return runProgram([path.join(ROOT, 'bench/main.mjs'), '--guard', '--from', file, ...args]);
    };

    it('ends with status 0 if nothing is over its bound', async () => {
      const { status, stderr } = await guard({});
      expect(stderr).to.include('Nothing is over its bound.');
      expect(status).to.equal(0);
    });

    it('ends with status 1, and says why', async () => {
      const { status, stderr } = await guard({ 'per-item recording': 4 });
      expect(stderr).to.include('recording, ratio to unwrapped: 4.00 is over the bound of 3.3 ');
      expect(status).to.equal(1);
    });

    it('refuses to judge a part of the rows', async () => {
      const { status, stderr } = await guard({}, '--rows', 'recording');
      expect(stderr).to.include('--guard needs all rows');
      expect(status).to.equal(2);
    });
  });
});

describe('The budget in doc/performance.md', () => {
  it('is the one that the guard has, whenever the figures beside it were measured', async () => {
    const file = pathToFileURL(path.join(ROOT, 'bench/report/budget.mjs')).href;
    const { compareWithBudget } = (await import(file)) as {
      compareWithBudget(node: { major: number; measurements: Measurement[] }): { name: string; limit: number }[];
    };
    const page = readFileSync(path.join(ROOT, 'doc/performance.md'), 'utf8');
    const shown = Array.from(page.matchAll(/^- \*\*(.+)\*\*: (Node \d+ [\d.]+ of .*)$/gm));
    expect(shown).not.to.have.length(0);
    for (const [, name, figures = ''] of shown) {
      for (const [, major, limit] of figures.matchAll(/Node (\d+) [\d.]+ of ([\d.]+)/g)) {
        const point = compareWithBudget({ major: Number(major), measurements: [] }).find((each) => each.name === name);
        expect(Number(limit), `${name}, Node ${major}`).to.equal(point?.limit);
      }
    }
  });
});

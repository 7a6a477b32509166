import { retainedBytes } from '../lib/heap.mjs';
import { copyProgram } from '../lib/program-copy.mjs';
import { median } from '../lib/statistics.mjs';
import { geometric, growthSeries } from './support.mjs';

const valuesOf = ({ growth }) => geometric(10, 100, growth.openRuns);

/** Many runs open at once, pulled in turn: nothing of a pull may look through all of them. */
export const openRunsTime = growthSeries({
  name: 'growth-open-runs',
  label: 'per pull',
  axis: 'runs open at once',
  valuesOf,
  async open(program, at) {
    const runs = await openRuns(program, at);
    let next = 0;
    return {
      async sample(count) {
        for (let pull = 0; pull < count; pull++) {
          await runs[next].next();
          next = (next + 1) % at;
        }
      },
      close: () => closeAll(runs),
    };
  },
});

/** What they occupy. */
export const openRunsBytes = {
  name: 'growth-open-runs-bytes',
  label: 'bytes per open run',
  axis: 'runs open at once',
  unit: 'bytes',
  async measure({ rows, effort }) {
    const measurements = [];
    for (const row of rows) {
      const program = row.load(copyProgram());
      await closeAll(await openRuns(program, 1000));
      for (const at of valuesOf(effort)) {
        // A few runs drown in what the heap does otherwise.
        if (at < 1000) continue;
        const values = [];
        for (let round = 0; round < effort.memoryRounds; round++) values.push(await bytesPerRun(program, at));
        measurements.push({ row: row.name, at, value: Math.round(median(values)) });
      }
    }
    return measurements;
  },
};

/** What many runs have left behind goes late: a single measurement after them may well be negative. */
async function bytesPerRun(program, count) {
  const before = await retainedBytes();
  const runs = await openRuns(program, count);
  const bytes = (await retainedBytes()) - before;
  await closeAll(runs);
  return bytes / count;
}

/** Pulled three times each: by then a run has all that it will ever have. */
async function openRuns(program, count) {
  const runs = new Array(count).fill(undefined);
  for (let index = 0; index < count; index++) {
    runs[index] = program.items(Infinity);
    for (let pull = 0; pull < 3; pull++) await runs[index].next();
  }
  return runs;
}

async function closeAll(runs) {
  for (const run of runs) await run.return();
}

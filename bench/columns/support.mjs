// What the columns have in common.
import { copyProgram } from '../lib/program-copy.mjs';
import { measureInRounds } from '../lib/rounds.mjs';
import unwrapped from '../rows/unwrapped.mjs';

/**
 * A column of times.
 *
 * @param sampleOf `(program, consume) => (count) => Promise`: does `count` operations, and throws if they did not happen
 * @param clock see ../lib/clocks.mjs
 * @param open `() => Promise<{ prepare(program), close() }>`, for what the programs need beside themselves
 */
export function timeColumn({ name, label, unit = 'ns', clock = 'cpu', sampleOf, open = openNothing }) {
  return {
    name,
    label,
    unit,
    async measure({ rows, condition, effort }) {
      const { prepare, close } = await open();
      const contestants = rows.map((row) => {
        const program = row.load(copyProgram());
        prepare(program);
        return {
          name: row.name,
          reference: row === unwrapped ? undefined : unwrapped.name,
          sample: sampleOf(program, condition.consume(program)),
        };
      });
      const results = await measureInRounds(contestants, effort, clock);
      await close();
      return [...results].map(([row, { absolute, ratio }]) => ({ row, absolute, ratio }));
    },
  };
}

const openNothing = async () => ({ prepare() {}, close() {} });

/** A column of numbers that are what they are: no rounds, no spread. */
export function exactColumn({ name, label, unit, valueOf }) {
  return {
    name,
    label,
    unit,
    async measure({ rows, condition, effort }) {
      const measurements = [];
      for (const row of rows) {
        const program = row.load(copyProgram());
        const value = await valueOf(program, condition.consume(program), effort);
        measurements.push({ row: row.name, value });
      }
      return measurements;
    },
  };
}

/** One run of `count` items of the generator `name`. */
export function oneRun(name) {
  return (program, consume) => async (count) => {
    expectEqual(await consume(program[name](count)), sumBelow(count));
  };
}

/** What `for await` would pull from. Some libraries hand out another object here than the one that was returned. */
export function iteratorOf(iterable) {
  return iterable[Symbol.asyncIterator]();
}

export function sumBelow(count) {
  return (count * (count - 1)) / 2;
}

export function expectEqual(actual, expected) {
  if (actual !== expected) throw new Error(`the items add up to ${actual}, not to ${expected}`);
}

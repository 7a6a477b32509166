import { copyProgram } from '../lib/program-copy.mjs';
import { measureInRounds } from '../lib/rounds.mjs';
import unwrapped from '../rows/unwrapped.mjs';

/**
 * A series of times over something that grows.
 *
 * @param valuesOf `(effort) => number[]`: what it is measured at
 * @param open `(program, at) => Promise<{ sample(count), step?, close?() }>`: see rounds.mjs
 */
export function growthSeries({ name, label, axis, unit = 'ns', valuesOf, open }) {
  return {
    name,
    label,
    axis,
    unit,
    async measure({ rows, effort }) {
      const measurements = [];
      for (const at of valuesOf(effort)) {
        const opened = await Promise.all(rows.map((row) => open(row.load(copyProgram()), at)));
        const contestants = rows.map((row, index) => ({
          name: row.name,
          reference: row === unwrapped ? undefined : unwrapped.name,
          sample: opened[index].sample,
          step: opened[index].step,
        }));
        const results = await measureInRounds(contestants, effortOfSeries(effort));
        for (const { close } of opened) await close?.();
        measurements.push(...[...results].map(([row, { absolute, ratio }]) => ({ row, at, absolute, ratio })));
      }
      return measurements;
    },
  };
}

/** A point of a series gets less time than a column: its neighbours speak for it. */
export function effortOfSeries(effort) {
  return { ...effort, sampleMs: effort.growthSampleMs, minRounds: effort.growthRounds, experimentMs: 0 };
}

/** `first`, then `factor` times as many each time, up to `last`. */
export function geometric(first, factor, last) {
  const values = [];
  for (let value = first; value <= last; value *= factor) values.push(value);
  return values;
}

// What it may cost, and whether it does not cost more.
import * as format from './format.mjs';
import { find, seriesOf } from './select.mjs';

/** Node has its async context in frames since 24, where a context switch is more expensive. */
const hasFrames = (major) => major >= 24;

/** Without them a thread has to be started before the application may begin. Node 22 has them since 22.22.3. */
const hasSynchronousHooks = (major) => major >= 22;

/** What the SDK’s own start added on the machine of doc/performance.md, on which the budget was set. */
const START_OF_SDK_MS = 165;
/** What parsing the files with generators took there. */
const PARSING_MS = 200;

/**
 * `{ name, of, limit(major), valueOf(measurements), known?, isExact?, format? }`
 *
 * - `of`: the column and condition that it is measured in
 * - `valueOf` gives undefined for what was not measured
 * - `known`: what it is where the limit is out of reach (doc/performance.md says why), for the guard
 * - `isExact`: counted, not timed: no machine is too busy for it
 */
const budget = [
  {
    name: 'per item, recording, ratio to unwrapped',
    limit: (major) => (hasFrames(major) ? 2.2 : 1.75),
    ...ratioOf('per-item', 'recording'),
  },
  {
    name: 'per item, recording, `timing: false`',
    limit: (major) => (hasFrames(major) ? 1.9 : 1.5),
    ...ratioOf('per-item', 'timing-off'),
  },
  { name: 'per item, not sampled', limit: () => 1.15, ...ratioOf('per-item', 'not-recording') },
  {
    name: 'per item, no SDK registered',
    limit: () => 1.02,
    ...ratioOf('per-item', 'recording', 'without-sdk'),
  },
  {
    name: 'per item, recording, ratio to the `for await` + `yield` wrapper',
    limit: () => 1,
    ...quotient('per-item', 'recording', 'for-await'),
  },
  {
    name: 'one-item run, recording, ratio to a span made by hand',
    limit: () => 1.4,
    // The context of the body, and the end of abandoned and interrupted runs, cost the rest (doc/performance.md).
    known: 1.9,
    ...quotient('one-item-run', 'recording', 'by-hand'),
  },
  {
    name: 'ticks per pull beyond those of the unwrapped generator',
    of: { column: 'ticks' },
    limit: () => 0,
    valueOf: (measurements) => {
      const own = find(measurements, { column: 'ticks', row: 'recording' });
      return own && own.value - find(measurements, { column: 'ticks', row: 'unwrapped' }).value;
    },
    isExact: true,
    format: String,
  },
  {
    name: 'bytes retained per item',
    of: { column: 'bytes-retained-per-item' },
    limit: () => 0,
    valueOf: (measurements) => find(measurements, { column: 'bytes-retained-per-item', row: 'recording' })?.value,
    isExact: true,
    format: String,
  },
  ...['cjs', 'esm'].map((moduleFormat) => ({
    name: `start-up of register on top of the SDK’s own, ${moduleFormat === 'cjs' ? 'CommonJS' : 'ES modules'}, ms`,
    of: { column: 'start-up' },
    limit: (major) => (hasSynchronousHooks(major) ? 40 : 80),
    valueOf: (measurements) => {
      const added = (row) => find(measurements, { column: 'start-up', row: `${row}-${moduleFormat}` })?.added.median;
      // A slower machine takes longer for both: the budget is for one on which the SDK’s own start takes so many milliseconds.
      const [own, others] = [added('register'), added('sdk')];
      return own && others && (own / others) * START_OF_SDK_MS;
    },
    format: (value) => value.toFixed(0),
  })),
  {
    name: 'start-up of 300 own files as source, ratio to parsing the 30 with generators alone',
    limit: () => 1.5,
    // Each of the other files is asked about, and what is to be told of it is noted (doc/performance.md).
    known: 2.1,
    ...startOfSource('files'),
  },
  {
    name: 'start-up of a bundle of 2 MB as source, ratio to parsing it alone',
    limit: () => 1.5,
    ...startOfSource('bundle'),
  },
  {
    name: 'the first file as source, ms',
    of: { column: 'start-up-source' },
    limit: () => 30,
    valueOf: (measurements) => {
      const measured = (row) => find(measurements, { column: 'start-up-source', row });
      const [first, parsed] = [measured('seen-first'), measured('parse-files')];
      // As above: a slower machine takes longer to parse, too.
      return first && parsed && (first.addedCpu.median / parsed.absoluteCpu.median) * PARSING_MS;
    },
    format: (value) => value.toFixed(0),
  },
  {
    name: 'run of a function that is made for it, ratio to one that is made once, of what tracing adds',
    of: { column: 'growth-functions' },
    limit: () => 1.3,
    // The engine describes each of its generators by itself (doc/performance.md).
    known: 2.2,
    valueOf: (measurements) => {
      const points = [...seriesOf(measurements, 'growth-functions').values()];
      const added = points.map(
        (point) => point.get('recording').absolute.median - point.get('unwrapped').absolute.median,
      );
      return added.length === 0 ? undefined : added[0] / added.at(-1);
    },
  },
];

/** In CPU time: these files are many, and a machine that does something else would count. */
function startOfSource(name) {
  return {
    of: { column: 'start-up-source' },
    valueOf: (measurements) => {
      const [seen, parsed] = ['seen', 'parse'].map((row) =>
        find(measurements, { column: 'start-up-source', row: `${row}-${name}` }),
      );
      return seen && parsed && seen.addedCpu.median / parsed.absoluteCpu.median;
    },
  };
}

function ratioOf(column, row, condition = 'plain') {
  return {
    of: { column, condition },
    valueOf: (measurements) => find(measurements, { column, row, condition })?.ratio.median,
  };
}

function quotient(column, row, otherRow) {
  return {
    of: { column },
    valueOf: (measurements) => {
      const own = find(measurements, { column, row });
      const other = find(measurements, { column, row: otherRow });
      return own && other && own.ratio.median / other.ratio.median;
    },
  };
}

/** @returns of each point of the budget `{ name, of, isExact, value, limit, known, isMet, text }`; `value` is undefined if it was not measured */
export function compareWithBudget({ major, measurements }) {
  return budget.map(
    ({
      name,
      of: { column, condition = 'plain' },
      limit,
      known,
      valueOf,
      isExact = false,
      format: toText = format.ratio,
    }) => {
      const value = valueOf(measurements);
      const text = value === undefined ? undefined : toText(value);
      return {
        name,
        of: { column, condition },
        isExact,
        value,
        limit: limit(major),
        known,
        isMet: value <= limit(major),
        text,
      };
    },
  );
}

/** @returns the same, of what was measured */
export function checkBudget(node) {
  return compareWithBudget(node).filter(({ value }) => value !== undefined);
}

export function budgetTable({ nodes }) {
  const checks = nodes.map(checkBudget);
  const names = [...new Set(checks.flat().map(({ name }) => name))];
  return {
    title: 'Budget',
    head: ['figure', ...nodes.map(({ major }) => `Node ${major}`)],
    rows: names.map((name) => [name, ...checks.map((of) => verdict(of.find((check) => check.name === name)))]),
  };
}

function verdict(check) {
  if (check === undefined) return '';
  return `${check.text} of ${check.limit}${check.isMet ? '' : ' OVER'}`;
}

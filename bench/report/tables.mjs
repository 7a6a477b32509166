// The results of one Node version as tables: `{ title, note?, head, rows }`, all text. How a table looks is for text.mjs and
// markdown.mjs.
import { columns } from '../columns/index.mjs';
import { conditions } from '../conditions/index.mjs';
import { growth } from '../growth/index.mjs';
import { rows } from '../rows/index.mjs';
import * as format from './format.mjs';
import { peerTables } from './peers.mjs';
import { find, seriesOf } from './select.mjs';
import { shortcomingsOf } from './shortcomings.mjs';

export function tablesOf({ measurements }) {
  return [
    timeTable(measurements),
    exactTable(measurements),
    startUpTable(measurements),
    sourceStartUpTable(measurements),
    ...growth.map((series) => growthTable(measurements, series)),
    ...peerTables(measurements),
  ].filter((table) => table !== undefined && table.rows.length > 0);
}

/** Every table of times says what a row leaves out: cheap is easy. */
const LEAVES_OUT = 'what it leaves out';

const isExact = ({ unit }) => unit === 'ticks' || unit === 'bytes';

function timeTable(measurements) {
  return columnTable(measurements, {
    title: 'Time',
    note: 'Ratio to the unwrapped generator of the same condition, as median (quartiles), and CPU time. The loopback column is in wall time.',
    columns: columns.filter(({ unit }) => unit === 'ns'),
    cell: format.ratioCell,
    last: {
      head: LEAVES_OUT,
      // As it was probed: with an SDK.
      cell: (row, condition) =>
        condition.label === '' ? shortcomingsOf(find(measurements, { column: 'behaviour', row: row.name })?.facts) : '',
    },
  });
}

export function exactTable(measurements) {
  return columnTable(measurements, {
    title: 'Ticks and memory',
    columns: columns.filter(isExact),
    cell: (measurement) => (measurement === undefined ? '' : format.count(measurement.value)),
  });
}

function columnTable(measurements, { title, note, columns: candidates, cell, last }) {
  const shown = candidates.filter(({ name }) => measurements.some(({ column }) => column === name));
  return {
    title,
    note,
    head: ['row', ...shown.map(({ label }) => label), ...(last ? [last.head] : [])],
    rows: conditions.flatMap((condition) =>
      rows
        .map((row) => [row, shown.map(({ name }) => find(measurements, keyOf(name, row, condition)))])
        .filter(([, found]) => found.some((measurement) => measurement !== undefined))
        .map(([row, found]) => [
          labelOf(row, condition),
          ...found.map(cell),
          ...(last ? [last.cell(row, condition)] : []),
        ]),
    ),
  };
}

const keyOf = (column, row, condition) => ({ column, row: row.name, condition: condition.name });

function labelOf(row, condition) {
  return condition.label === '' ? row.label : `${row.label}; ${condition.label}`;
}

export const START_UP_LABELS = {
  'bare-cjs': 'CommonJS: node alone',
  'sdk-cjs': 'CommonJS: the SDK’s own start',
  'register-cjs': 'CommonJS: `--require` register, with targets',
  'bare-esm': 'ES modules: node alone',
  'sdk-esm': 'ES modules: the SDK’s own start',
  'register-esm': 'ES modules: `--import` register, with targets',
};

const SOURCE_START_UP_LABELS = {
  'parse-files': 'the 30 of 300 files with generators, parsed alone',
  'unseen-files': '300 files, targets match others',
  'seen-files': '300 files, traced',
  'parse-bundle': 'a bundle of 2 MB, parsed alone',
  'unseen-bundle': 'a bundle of 2 MB, targets match others',
  'seen-bundle': 'a bundle of 2 MB, traced',
  'unseen-first': 'the first file, targets match others',
  'seen-first': 'the first file, traced',
};

function startUpTable(measurements) {
  return tableOfStarts(measurements, {
    column: 'start-up',
    title: 'Start-up',
    note: 'Milliseconds from the beginning of the process to the first line of the application, and the difference to the line above, as median (quartiles).',
    labels: START_UP_LABELS,
  });
}

function sourceStartUpTable(measurements) {
  return tableOfStarts(measurements, {
    column: 'start-up-source',
    title: 'Start-up of own files',
    note: 'Milliseconds from the beginning of the process, including `register`, until all files have run. For the first file and the parser, only their own time.',
    labels: SOURCE_START_UP_LABELS,
  });
}

function tableOfStarts(measurements, { column, title, note, labels }) {
  const found = measurements.filter((measurement) => measurement.column === column);
  const optional = (summary) => (summary === undefined ? '' : format.milliseconds(summary));
  return {
    title,
    note,
    head: ['program', 'wall time', 'added', 'CPU time', 'added'],
    rows: found.map(({ row, absolute, added, absoluteCpu, addedCpu }) => [
      labels[row],
      format.milliseconds(absolute),
      optional(added),
      format.milliseconds(absoluteCpu),
      optional(addedCpu),
    ]),
  };
}

function growthTable(measurements, { name, label, axis }) {
  const points = seriesOf(measurements, name);
  const names = [...new Set([...points.values()].flatMap((point) => [...point.keys()]))];
  return {
    title: `Growth: ${label}, over ${axis}`,
    head: [axis, ...names],
    rows: [...points].map(([at, point]) => [format.count(at), ...names.map((row) => growthCell(point.get(row)))]),
  };
}

function growthCell(measurement) {
  if (measurement === undefined) return '';
  return measurement.value === undefined ? format.ratioCell(measurement) : format.count(measurement.value);
}

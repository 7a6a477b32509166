// The main tables, of all Node versions side by side: for doc/performance.md, which has no room for all. `{ title, note?, head, rows }`, as in tables.mjs.
import { columns } from '../columns/index.mjs';
import { rows } from '../rows/index.mjs';
import { budgetTable } from './budget.mjs';
import * as format from './format.mjs';
import { find } from './select.mjs';
import { shortcomingsOf } from './shortcomings.mjs';
import { exactTable, START_UP_LABELS } from './tables.mjs';
import { peerTables } from './peers.mjs';

export function summaryOf(results) {
  const { nodes } = results;
  return [budgetTable(results), timeTable(nodes), memoryTable(nodes), startUpTable(nodes), peerTable(nodes)].filter(
    (table) => table !== undefined && table.rows.length > 0,
  );
}

const headsOf = (nodes) => nodes.map(({ major }) => `Node ${major}`);

function timeTable(nodes) {
  const cellsOf = (row) => nodes.map(({ measurements }) => timeCell(find(measurements, { column: 'per-item', row })));
  const measured = rows
    .map(({ name, label }) => [name, label, cellsOf(name)])
    .filter(([, , cells]) => cells.some((cell) => cell !== ''));
  return {
    title: 'Time per item, no I/O',
    note: 'Ratio to the unwrapped generator, and CPU time. The last two rows by hand set the attributes that this package sets.',
    head: ['row', ...headsOf(nodes)],
    rows: measured.map(([, label, cells]) => [label, ...cells]),
    remarks: remarksOf(measured.map(([name, label]) => [label, leftOut(nodes, name)])),
  };
}

/** It is easy to be fast with less. */
function remarksOf(named) {
  const items = named.filter(([, text]) => text !== '');
  return items.length === 0 ? undefined : { title: 'What they leave out', items };
}

function timeCell(measurement) {
  if (measurement === undefined) return '';
  const time = format.time(measurement.absolute.median);
  return measurement.ratio === undefined ? time : `${format.ratio(measurement.ratio.median)}, ${time}`;
}

function leftOut(nodes, row) {
  const probed = nodes.map(({ measurements }) => find(measurements, { column: 'behaviour', row })?.facts);
  return shortcomingsOf(probed.find((facts) => facts !== undefined));
}

const SHORT_HEADS = new Map([
  ['microtask ticks per pull', 'ticks'],
  ['bytes per open run', 'open run'],
  ['bytes allocated per item', 'allocated'],
  ['bytes retained per item', 'retained'],
]);
const shortHead = (head) => SHORT_HEADS.get(head) ?? head;

/** Of the newest Node: the others differ little. */
function memoryTable(nodes) {
  const node = nodes.at(-1);
  const table = exactTable(node.measurements);
  const labels = new Set(rows.map(({ label }) => label));
  return {
    ...table,
    title: `${table.title}, Node ${node.major}`,
    note: 'Microtask ticks per pull, bytes per open run, and bytes allocated and retained per item.',
    head: table.head.map(shortHead),
    rows: table.rows.filter(([label]) => labels.has(label)),
  };
}

function startUpTable(nodes) {
  const names = Object.keys(START_UP_LABELS).filter((name) => !name.startsWith('bare'));
  return {
    title: 'Start-up',
    note: 'Milliseconds that the SDK adds to `node` alone, and `register` to the SDK: wall time.',
    head: ['program', ...headsOf(nodes)],
    rows: names
      .map((row) => [row, nodes.map(({ measurements }) => find(measurements, { column: 'start-up', row })?.added)])
      .filter(([, found]) => found.some((added) => added !== undefined))
      .map(([row, found]) => [START_UP_LABELS[row], ...found.map((added) => added?.median.toFixed(0) ?? '')]),
  };
}

const OF_PEERS = ['library', 'per-item', 'one-item-run', 'ticks', 'bytes-per-open-run'];

/** Of the newest Node that they were measured on. */
function peerTable(nodes) {
  const node = nodes.findLast(({ measurements }) => measurements.some(({ peer }) => peer !== undefined));
  if (node === undefined) return undefined;
  const [{ title, note, head, rows: all }] = peerTables(node.measurements);
  const labels = OF_PEERS.map((name) => columns.find((column) => column.name === name)?.label ?? name);
  const shown = head.flatMap((label, index) => (labels.includes(label) ? [index] : []));
  const pick = (cells) => shown.map((index) => cells[index]);
  return {
    title: `${title}, Node ${node.major}`,
    note,
    head: pick(head).map(shortHead),
    rows: all.map(pick),
    remarks: remarksOf(all.map((cells) => [cells[0], cells.at(-1)])),
  };
}

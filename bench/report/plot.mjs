// A bar chart as SVG, written by hand: a few rectangles do not need a library.
import { peers } from '../peers/index.mjs';
import { rows } from '../rows/index.mjs';
import * as format from './format.mjs';
import { find } from './select.mjs';
import { shortcomingsOf } from './shortcomings.mjs';

const WIDTH = 860;
const LABELS = 400;
const RIGHT = 70;
const BAR = 11;
const GAP = 16;
const TOP = 64;

/** By which the Node versions are told apart, from the oldest to the newest. */
const COLORS = ['#9ecae1', '#4292c6', '#2171b5', '#084594'];

/** What an item costs, as a multiple of what it costs unwrapped. */
export function plot({ nodes, version }) {
  const groups = [...rows.map(groupOf(nodes)), ...peers.map(groupOfPeer(nodes))].filter(({ bars }) => bars.length > 0);
  if (groups.length === 0) throw new Error('There is nothing to plot: per-item was not measured');
  const largest = Math.max(...groups.flatMap(({ bars }) => bars.map(({ ratio }) => ratio.q3)));
  const scale = (ratio) => LABELS + ((WIDTH - LABELS - RIGHT) * ratio) / largest;
  let y = TOP;
  const drawn = groups.map((group) => {
    const top = y;
    y += heightOf(group) + GAP;
    return drawGroup(group, top, scale);
  });
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${WIDTH} ${y}" width="${WIDTH}" height="${y}" role="img" aria-labelledby="title">`,
    `<title id="title">Time per item of a traced async generator, as a multiple of the untraced one</title>`,
    STYLE,
    `<text x="0" y="18" class="heading">Time per item without I/O, as a multiple of the unwrapped generator’s (${version})</text>`,
    ...nodes.map(drawKey),
    `<line x1="${scale(1)}" x2="${scale(1)}" y1="${TOP - 8}" y2="${y - GAP / 2}" class="one"/>`,
    ...drawn,
    '</svg>',
    '',
  ].join('\n');
}

/** Light and dark, as the page is that it stands in. */
const STYLE = `<style>
  text { font: 12px system-ui, sans-serif; fill: #1f2328; }
  .heading { font-size: 14px; font-weight: 600; }
  .note { font-size: 10px; fill: #59636e; }
  .one, .spread { stroke: #59636e; }
  .one { stroke-dasharray: 3 3; }
  .ours { font-weight: 600; }
  @media (prefers-color-scheme: dark) {
    text { fill: #f0f6fc; }
    .note { fill: #9198a1; }
    .one, .spread { stroke: #9198a1; }
  }
</style>`;

function groupOf(nodes) {
  return (row) => ({
    label: row.label,
    isOurs: row.isOurs,
    note: noteOf(nodes, { row: row.name }),
    bars: barsOf(nodes, { row: row.name }),
  });
}

function groupOfPeer(nodes) {
  return ({ name, label }) => {
    const key = { row: name, peer: name };
    return { label, note: noteOf(nodes, key), bars: barsOf(nodes, key) };
  };
}

function barsOf(nodes, key) {
  return nodes
    .map(({ major, measurements }, index) => {
      const ratio = find(measurements, { column: 'per-item', ...key })?.ratio;
      return ratio && { major, ratio, color: colorOf(index, nodes.length) };
    })
    .filter((bar) => bar !== undefined);
}

/** What a row leaves out, on two lines at most: a short bar is no win if nothing stands behind it. */
function noteOf(nodes, key) {
  const facts = nodes
    .map(({ measurements }) => find(measurements, { column: 'behaviour', ...key })?.facts)
    .find(Boolean);
  const words = shortcomingsOf(facts);
  return words === '' || words === 'nothing' ? [] : wrap(`leaves out: ${words}`, 72);
}

function wrap(text, length) {
  const lines = [''];
  for (const word of text.split(' ')) {
    if (`${lines.at(-1)} ${word}`.length > length) lines.push(word);
    else lines[lines.length - 1] = `${lines.at(-1)} ${word}`.trim();
  }
  return lines;
}

const heightOf = ({ bars, note }) => Math.max(bars.length * BAR, 12 + note.length * 12);

function drawGroup({ label, isOurs, note, bars }, top, scale) {
  const labelled = `<text x="0" y="${top + 10}"${isOurs ? ' class="ours"' : ''}>${escape(plain(label))}</text>`;
  const notes = note.map(
    (line, index) => `<text x="0" y="${top + 22 + index * 12}" class="note">${escape(plain(line))}</text>`,
  );
  const drawn = bars.map(({ ratio, color }, index) => {
    const y = top + index * BAR;
    const middle = y + BAR / 2 - 0.5;
    return [
      `<rect x="${LABELS}" y="${y}" width="${(scale(ratio.median) - LABELS).toFixed(1)}" height="${BAR - 1}" fill="${color}"/>`,
      `<line x1="${scale(ratio.q1).toFixed(1)}" x2="${scale(ratio.q3).toFixed(1)}" y1="${middle}" y2="${middle}" class="spread"/>`,
      `<text x="${(scale(Math.max(ratio.median, ratio.q3)) + 5).toFixed(1)}" y="${y + 9}" class="note">${format.ratio(ratio.median)}</text>`,
    ].join('\n');
  });
  return [labelled, ...notes, ...drawn].join('\n');
}

function drawKey({ major }, index, nodes) {
  const x = LABELS + index * 80;
  return [
    `<rect x="${x}" y="32" width="10" height="10" fill="${colorOf(index, nodes.length)}"/>`,
    `<text x="${x + 15}" y="41">Node ${major}</text>`,
  ].join('\n');
}

function colorOf(index, count) {
  return COLORS[count === 1 ? 2 : Math.round((index * (COLORS.length - 1)) / (count - 1))];
}

const plain = (text) => text.replaceAll('`', '');

const escape = (text) => text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;');

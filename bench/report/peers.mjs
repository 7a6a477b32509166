// Peers, each beside this package in the same process.
import { columns } from '../columns/index.mjs';
import { peers } from '../peers/index.mjs';
import * as format from './format.mjs';
import { find } from './select.mjs';
import { shortcomingsOf } from './shortcomings.mjs';

export function peerTables(measurements) {
  const measured = peers.filter(({ name }) => measurements.some(({ peer }) => peer === name));
  const shown = columns.filter(
    ({ name, unit }) => unit !== 'facts' && measurements.some(({ column, peer }) => column === name && peer),
  );
  return [
    {
      title: 'Peers',
      note: 'Each library has its own process without a network. Ratio to the unwrapped generator there [that of this package in the same process], and CPU time.',
      head: ['library', ...shown.map(({ label }) => label), 'what it leaves out'],
      rows: measured.map((peer) => [
        labelOf(measurements, peer),
        ...shown.map(({ name }) => cell(measurements, name, peer.name)),
        leavesOut(measurements, peer.name),
      ]),
    },
  ];
}

function labelOf(measurements, { name, label }) {
  const version = networkOf(measurements, name)?.version;
  return version === undefined ? label : `${label} ${version}`;
}

function cell(measurements, column, peer) {
  const own = find(measurements, { column, row: peer, peer });
  const ours = find(measurements, { column, row: 'recording', peer });
  if (own === undefined) return '';
  if (own.value !== undefined) return `${format.count(own.value)} [${format.count(ours.value)}]`;
  const ratios = `${format.ratio(own.ratio.median)} [${format.ratio(ours.ratio.median)}]`;
  return `${ratios}, ${format.time(own.absolute.median)}`;
}

function leavesOut(measurements, peer) {
  const { facts } = find(measurements, { column: 'behaviour', row: peer, peer }) ?? {};
  const attempts = networkOf(measurements, peer)?.attempts ?? [];
  const words = shortcomingsOf(facts);
  return attempts.length === 0 ? words : `${words} (tried to reach ${attempts.join(', ')})`;
}

function networkOf(measurements, peer) {
  return measurements.find(({ column, row }) => column === 'network' && row === peer);
}

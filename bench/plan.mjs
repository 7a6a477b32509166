// Which processes there are to be, and what each measures.
import { columns } from './columns/index.mjs';
import { conditions } from './conditions/index.mjs';
import { growth } from './growth/index.mjs';
import { peers } from './peers/index.mjs';
import { rows } from './rows/index.mjs';
import { startUps } from './start-up/index.mjs';

const UNWRAPPED = 'unwrapped';
/** Rows that a peer is shown beside, in its own process. */
const BESIDE_PEERS = [UNWRAPPED, 'recording'];

/**
 * A job is `{ condition, rows, columns, peer?, isStartUp? }`, all by name.
 */
export function planJobs(options) {
  const wanted = (list) => list.map(({ name }) => name).filter((name) => options.only.test(name));
  const jobs = [...conditionJobs(options, wanted(columns)), ...growthJobs(wanted(growth))];
  for (const name of wanted(startUps)) jobs.push({ isStartUp: true, columns: [name] });
  if (options.peers) jobs.push(...peerJobs(options, wanted(columns)));
  return jobs.filter((job) => job.columns.length > 0);
}

function conditionJobs(options, wantedColumns) {
  return conditions.flatMap((condition) => {
    const names = (condition.rows ?? rows.map(({ name }) => name)).filter(
      (name) => name !== UNWRAPPED && options.rows.test(name),
    );
    const columnNames = wantedColumns.filter((name) => condition.columns?.includes(name) ?? true);
    const groups = options.isolate ? names.map((name) => [name]) : [names];
    return groups.map((group) => ({ condition: condition.name, rows: [UNWRAPPED, ...group], columns: columnNames }));
  });
}

/** One process each: what 100,000 open runs leave of the heap is no place to measure anything else. */
function growthJobs(wantedGrowth) {
  return wantedGrowth.map((name) => ({ condition: 'plain', rows: BESIDE_PEERS, columns: [name] }));
}

/** One process each: they patch, register providers and keep global state. */
function peerJobs(options, wantedColumns) {
  return peers
    .filter(({ name }) => options.rows.test(name))
    .map(({ name }) => ({
      condition: 'plain',
      rows: [...BESIDE_PEERS, name],
      columns: wantedColumns,
      peer: name,
    }));
}

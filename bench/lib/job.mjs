// A process of the benchmark: gets a job (see plan.mjs), and sends measurements to the process that has forked it.
import { columns } from '../columns/index.mjs';
import { conditions } from '../conditions/index.mjs';
import { growth } from '../growth/index.mjs';
import { loadPeer } from '../peers/index.mjs';
import { rows } from '../rows/index.mjs';

const job = JSON.parse(process.argv[2]);
const { effort } = job;

const condition = byName(conditions, job.condition);
await condition.enter(async () => {
  const peer = job.peer && (await loadPeer(job.peer));
  const chosen = job.rows.map((name) => (name === job.peer ? peer : byName(rows, name)));
  for (const name of job.columns) {
    const column = byName([...columns, ...growth], name);
    const measurements = await column.measure({ rows: chosen, condition, effort });
    await send(
      measurements.map((measurement) => ({
        column: name,
        condition: condition.name,
        peer: job.peer,
        ...measurement,
      })),
    );
  }
  if (peer !== undefined) await send([{ column: 'network', ...networkOf(peer) }]);
});
// A peer may hold the process with timers of its own.
process.exit();

/** Delivered when it resolves: `process.exit()` does not wait. */
function send(measurements) {
  return new Promise((resolve) => process.send(measurements, resolve));
}

/** What a peer tried to reach, none of which it did (../peers/no-network.cjs). */
function networkOf({ name, version }) {
  return { peer: name, row: name, version, attempts: [...new Set(globalThis.networkAttempts)] };
}

function byName(list, name) {
  const found = list.find((entry) => entry.name === name);
  if (found === undefined) throw new Error(`there is no ${name}`);
  return found;
}

// The process that starts the variants, see index.mjs.
import { execFileSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { summarize } from '../lib/statistics.mjs';
import { startUps } from './index.mjs';

const cwd = fileURLToPath(new URL('./apps', import.meta.url));
const { columns, effort } = JSON.parse(process.argv[2]);
const column = startUps.find(({ name }) => name === columns[0]);
const variants = column.variants();

const times = new Map(variants.map(({ row }) => [row, { wall: [], cpu: [] }]));
// The first round fills the disk cache, and does not count.
for (let round = -1; round < effort[column.rounds]; round++) {
  for (const variant of round % 2 === 0 ? variants : [...variants].reverse()) {
    const { wall, cpu } = start(variant);
    if (round < 0) continue;
    times.get(variant.row).wall.push(wall);
    times.get(variant.row).cpu.push(cpu);
  }
}
process.send(variants.map(measurementOf));
process.disconnect();

/** @returns milliseconds from the beginning of the process to the first line of the application */
function start({ args, env }) {
  const output = execFileSync(process.execPath, args, {
    cwd,
    env: { ...process.env, ...env },
    encoding: 'utf8',
    // Where nothing is traced, register says so.
    stdio: ['ignore', 'pipe', 'ignore'],
  });
  return JSON.parse(output);
}

function measurementOf({ row, reference }) {
  const own = times.get(row);
  const others = times.get(reference);
  const added = (clock) => others && summarize(own[clock].map((time, round) => time - others[clock][round]));
  return {
    column: column.name,
    row,
    absolute: summarize(own.wall),
    absoluteCpu: summarize(own.cpu),
    added: added('wall'),
    addedCpu: added('cpu'),
  };
}

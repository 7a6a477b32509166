// Starts the process of a job and gathers its measurements.
import { fork } from 'node:child_process';
import { fileURLToPath } from 'node:url';

const JOB = fileURLToPath(new URL('./job.mjs', import.meta.url));
const START_UP_JOB = fileURLToPath(new URL('../start-up/job.mjs', import.meta.url));
const NO_NETWORK = fileURLToPath(new URL('../peers/no-network.cjs', import.meta.url));

/**
 * @param execPath the `node` to run it with
 * @param job see plan.mjs
 * @param effort see effort.mjs
 * @param profiles folder for a CPU profile, if there is to be one
 * @param onMeasurements called with the measurements of every column
 */
export function runJob(execPath, job, { effort, profiles }, onMeasurements) {
  const file = job.isStartUp ? START_UP_JOB : JOB;
  const execArgv = ['--expose-gc', '--no-warnings'];
  if (job.peer) execArgv.push('--require', NO_NETWORK);
  if (profiles) execArgv.push('--cpu-prof', `--cpu-prof-dir=${profiles}`);
  const child = fork(file, [JSON.stringify({ ...job, effort })], {
    execPath,
    execArgv,
    env: environment(),
    // What a peer prints is not a result.
    stdio: ['ignore', 'pipe', 'pipe', 'ipc'],
  });
  let output = '';
  for (const stream of [child.stdout, child.stderr]) stream.on('data', (chunk) => (output += chunk));
  child.on('message', onMeasurements);
  return new Promise((resolve, reject) => {
    child.on('error', reject);
    child.on('close', (code, signal) => {
      if (code === 0) resolve();
      else reject(new Error(`${title(job)} ended with ${signal ?? `status ${code}`}\n${output}`));
    });
  });
}

/** Nothing of the user's set-up: no preloads, no SDK configuration. */
function environment() {
  return Object.fromEntries(
    Object.entries(process.env).filter(([name]) => name !== 'NODE_OPTIONS' && !name.startsWith('OTEL_')),
  );
}

export function title({ isStartUp, condition, columns, peer }) {
  if (isStartUp) return columns[0];
  const what = peer ?? (condition === 'plain' ? '' : condition);
  return [columns.length === 1 ? columns[0] : `${columns.length} columns`, what].filter(Boolean).join(', ');
}

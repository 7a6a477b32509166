// Runs the processes of the comparison, and judges what they have seen.
import { execFile } from 'node:child_process';
import { readFileSync } from 'node:fs';
import * as path from 'node:path';
import { fileURLToPath } from 'node:url';
import { temporaryFolder } from '../lib/program-copy.mjs';
import { judge } from './kit/checks.mjs';
import { exits } from './kit/exits.mjs';
import { withSpans } from './kit/observe.mjs';
import { startReceiver } from './kit/receiver.mjs';

const CHILD = fileURLToPath(new URL('./child.mjs', import.meta.url));
const NO_NETWORK = fileURLToPath(new URL('../peers/no-network.cjs', import.meta.url));
const TIMEOUT_MS = 120_000;
/** Processes at a time: they wait more than they work. */
const CONCURRENCY = 2;

/**
 * @param node the executable
 * @param scale see kit/observe.mjs
 * @param onProgress called with `(contestant, exit)` before each process
 * @returns `{ results, failures }`: `[{ name, exits: { [exit]: outcomes of the checks } }]`, and what did not run, as texts
 */
export async function runAll(contestants, { node, scale, onProgress = () => {} }) {
  const jobs = contestants.flatMap((contestant) => exits.map(({ name: exit }) => ({ contestant, exit })));
  const outcomes = new Map(contestants.map(({ name }) => [name, {}]));
  const failures = [];
  const next = async () => {
    for (let job = jobs.shift(); job !== undefined; job = jobs.shift()) {
      const { contestant, exit } = job;
      onProgress(contestant, exit);
      try {
        outcomes.get(contestant.name)[exit] = judge(await runOne(contestant, exit, { node, scale }));
      } catch (error) {
        failures.push(error.message);
      }
    }
  };
  await Promise.all(Array.from({ length: CONCURRENCY }, next));
  const isWhole = ({ name }) => Object.keys(outcomes.get(name)).length === exits.length;
  const results = contestants.filter(isWhole).map(({ name }) => ({ name, exits: outcomes.get(name) }));
  return { results, failures };
}

let processes = 0;

/** @returns an observation, see kit/observe.mjs */
export async function runOne(contestant, exit, { node = process.execPath, scale = 1 } = {}) {
  const file = path.join(temporaryFolder(), `observation-${++processes}`);
  const job = JSON.stringify({ name: contestant.name, exit, file, scale });
  const receiver = contestant.collector && (await startReceiver());
  const environment = {
    ...contestant.environment,
    ...(receiver && { ...contestant.collector(receiver.port), BENCH_ALLOWED_PORTS: receiver.port }),
  };
  const args = ['--expose-gc', '--no-warnings', '--require', NO_NETWORK, CHILD, job];
  const output = await execute(node, args, environment);
  receiver?.close();
  const lines = linesOf(file);
  const observation = lines.find((line) => line.observation)?.observation;
  if (observation === undefined) throw new Error(`${contestant.name}, ${exit}: no result\n${output}`);
  const records = [...lines.flatMap(({ span }) => span ?? []), ...(receiver?.records ?? [])];
  return withSpans(observation, records, contestant.isRun);
}

function linesOf(file) {
  try {
    return readFileSync(file, 'utf8')
      .split('\n')
      .filter(Boolean)
      .map((line) => JSON.parse(line));
  } catch {
    return [];
  }
}

/** Nothing of the user's set-up: no preloads, no configuration of tracers. */
function environmentWith(more) {
  const isForeign =
    /^(NODE_OPTIONS|(OTEL|DD|NEW_RELIC|SENTRY|LANGSMITH|LANGCHAIN|LANGFUSE|WANDB|OPIK|BRAINTRUST|LMNR)_.*)$/;
  return { ...Object.fromEntries(Object.entries(process.env).filter(([name]) => !isForeign.test(name))), ...more };
}

/** @returns what it has printed */
function execute(node, args, environment) {
  return new Promise((resolve) => {
    const options = { env: environmentWith(environment), timeout: TIMEOUT_MS, maxBuffer: 64 * 1024 * 1024 };
    execFile(node, args, options, (error, stdout, stderr) => resolve([error?.message, stdout, stderr].join('\n')));
  });
}

// npm run bench
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import * as os from 'node:os';
import * as path from 'node:path';
import { fileURLToPath } from 'node:url';
import { nodeFile } from '../scripts/nodes.mjs';
import { findRegressions } from './guard.mjs';
import { runJob, title } from './lib/run-job.mjs';
import { HELP, readOptions } from './options.mjs';
import { installPeers } from './peers/install.mjs';
import { planJobs } from './plan.mjs';
import { list } from './report/list.mjs';
import { merge } from './report/merge.mjs';
import { updatePage } from './report/page.mjs';
import { plot } from './report/plot.mjs';
import { toText } from './report/text.mjs';

const root = fileURLToPath(new URL('..', import.meta.url));

const options = optionsOrUsage();
if (options !== undefined) await main(options);

function optionsOrUsage() {
  try {
    return readOptions(process.argv.slice(2));
  } catch (error) {
    console.error(`${error.message}\n\n${HELP}`);
    process.exitCode = 2;
    return undefined;
  }
}

async function main(options) {
  if (options.help) return console.log(HELP);
  if (options.list) return console.log(list());
  const results = options.from ? merge(options.from.map(readResults)) : await measure(options);
  if (options.json === '-') console.log(JSON.stringify(results, undefined, 2));
  else console.log(toText(results));
  if (options.json && options.json !== '-') writeFileSync(options.json, `${JSON.stringify(results, undefined, 2)}\n`);
  if (options.svg) writeFileSync(options.svg, plot(results));
  if (options.markdown) updatePage(results);
  if (options.guard) await guard(results, options);
}

function readResults(file) {
  return JSON.parse(readFileSync(file, 'utf8'));
}

async function guard({ nodes }, options) {
  const isWanted = (column) => options.only.test(column);
  const regressions = [];
  for (const node of nodes) {
    const again = (columns, conditions) => measureAgain(node.major, columns, conditions, options);
    regressions.push(...(await findRegressions(node, { isWanted, measureAgain: options.from ? undefined : again })));
  }
  console.error(['', ...(regressions.length > 0 ? regressions : ['Nothing is over its bound.'])].join('\n'));
  if (regressions.length > 0) process.exitCode = 1;
}

async function measureAgain(major, columns, conditions, options) {
  const jobs = planJobs({ ...options, only: { test: (name) => columns.has(name) }, peers: false }).filter(
    ({ isStartUp, condition }) => isStartUp || conditions.has(condition),
  );
  return (await measureOn(major, jobs, options)).measurements;
}

async function measure(options) {
  if (!existsSync(path.join(root, 'build/src/index.js'))) {
    throw new Error('There is no build to measure: npm run build');
  }
  if (options.peers) installPeers();
  const jobs = planJobs(options);
  if (jobs.length === 0) throw new Error('Nothing to measure: no column matches --only (see --list)');
  const nodes = [];
  for (const major of options.nodes) {
    nodes.push({ major, ...(await measureOn(major, jobs, options)) });
  }
  const { version } = JSON.parse(readFileSync(path.join(root, 'package.json'), 'utf8'));
  const effort = options.isolate ? `${options.effort.name}, isolated` : options.effort.name;
  return { version, date: new Date().toISOString(), effort, machine: machine(), nodes };
}

async function measureOn(major, jobs, { effort, 'cpu-prof': folder }) {
  const execPath = nodeFile(major);
  const profiles = folder && path.resolve(folder);
  const measurements = [];
  const failures = [];
  for (const [index, job] of jobs.entries()) {
    progress(`Node ${major}, process ${index + 1} of ${jobs.length}: ${title(job)}`);
    try {
      await runJob(execPath, job, { effort, profiles }, (more) => measurements.push(...more));
    } catch (error) {
      // One peer that does not run on this version of Node must not cost all other results.
      failures.push({ job: title(job), message: error.message });
      console.error(`\n${error.message}`);
      process.exitCode = 1;
    }
  }
  progress('');
  return { measurements, failures };
}

function machine() {
  const [cpu] = os.cpus();
  return { cpu: cpu?.model, cores: os.cpus().length, platform: `${os.platform()} ${os.arch()}` };
}

/** On stderr, and only for people: what is on stdout is the result. */
function progress(line) {
  if (process.stderr.isTTY) process.stderr.write(`\r\x1b[K${line}`);
  else if (line) console.error(line);
}

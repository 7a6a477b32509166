// npm run compare
import { readFileSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { nodeFile } from '../../scripts/nodes.mjs';
import { installPeers } from '../peers/install.mjs';
import { contestants } from './contestants/index.mjs';
import { HELP, readOptions } from './options.mjs';
import { writePage } from './report/page.mjs';
import { toText } from './report/text.mjs';
import { runAll } from './run.mjs';

const root = fileURLToPath(new URL('../../', import.meta.url));

try {
  await main(readOptions(process.argv.slice(2)));
} catch (error) {
  console.error(error instanceof TypeError ? `${error.message}\n\n${HELP}` : error);
  process.exitCode = error instanceof TypeError ? 2 : 1;
}

async function main(options) {
  if (options.help) return console.log(HELP);
  const isWanted = ({ name }) => options.only.length === 0 || options.only.some((part) => name.includes(part));
  const chosen = contestants.filter(isWanted);
  if (options.list) return console.log(chosen.map(({ name }) => name).join('\n'));
  if (chosen.length === 0) throw new TypeError('No name contains what --only says (see --list)');
  const report = options.from ? JSON.parse(readFileSync(options.from, 'utf8')) : await compare(chosen, options);
  console.log(toText(contestants, report));
  if (options.json) writeFileSync(options.json, `${JSON.stringify(report, undefined, 2)}\n`);
  if (report.failures.length > 0) throw new Error(report.failures.join('\n\n'));
  if (options.write) await writePage(contestants, report);
}

async function compare(chosen, { node }) {
  installPeers();
  const { version } = JSON.parse(readFileSync(`${root}package.json`, 'utf8'));
  const outcomes = await runAll(chosen, { node: nodeFile(node), onProgress: progress });
  progress();
  return { version, node, ...outcomes };
}

/** On stderr, and only for people: what is on stdout is the result. */
function progress(contestant, exit) {
  if (process.stderr.isTTY) process.stderr.write(`\r\x1b[K${contestant ? `${contestant.name}, ${exit}` : ''}`);
}

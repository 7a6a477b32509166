import { parseArgs } from 'node:util';
import { FULL, QUICK } from './lib/effort.mjs';

export const HELP = `Measures what tracing an async generator costs. It measures build/src: run \`npm run build\` first.

  npm run bench -- [options]

  --quick            less of everything: a minute or two, for a first look
  --node LIST        major versions of Node, as 20,22,24,26 (fetched from npm on first use); default: the one that runs
  --only REGEXP      only columns whose name matches, such as per-item or growth; --list shows them
  --rows REGEXP      only rows whose name matches; the unwrapped generator is always there
  --guard            fails where something is over its budget by half, the best of three tries; ticks and bytes may not be over
  --peers            other libraries as well; installs them below bench/peers on first use
  --isolate          a process of its own for every row, to see whether rows influence each other
  --cpu-prof FOLDER  a CPU profile of every process, for a browser's developer tools (choose one column and row)
  --json [FILE]      results as JSON, to a file or to stdout
  --svg FILE         a plot of the ratios
  --markdown         puts tables and plot into doc/performance.md
  --from FILE        reports on results that were written with --json, without measuring; several are put together
  --list             names of columns and rows
  --help             this
`;

/** @throws TypeError for an option that there is none of */
export function readOptions(args) {
  const { values } = parseArgs({
    args: args.map((arg, index) => (arg === '--json' && isOption(args[index + 1]) ? '--json=-' : arg)),
    options: {
      quick: { type: 'boolean', default: false },
      node: { type: 'string', default: process.versions.node.split('.')[0] },
      only: { type: 'string', default: '' },
      rows: { type: 'string', default: '' },
      guard: { type: 'boolean', default: false },
      peers: { type: 'boolean', default: false },
      isolate: { type: 'boolean', default: false },
      'cpu-prof': { type: 'string' },
      json: { type: 'string' },
      svg: { type: 'string' },
      markdown: { type: 'boolean', default: false },
      from: { type: 'string', multiple: true },
      list: { type: 'boolean', default: false },
      help: { type: 'boolean', default: false },
    },
  });
  if (values.guard && values.rows !== '') throw new TypeError('--guard needs all rows: it cannot go with --rows');
  return {
    ...values,
    effort: values.quick ? QUICK : FULL,
    nodes: values.node.split(',').map(majorVersion),
    only: new RegExp(values.only),
    rows: new RegExp(values.rows),
  };
}

const isOption = (arg) => arg === undefined || arg.startsWith('--');

function majorVersion(text) {
  if (!/^\d+$/.test(text)) throw new TypeError(`--node ${text}: expected major versions of Node, as 20,24`);
  return Number(text);
}

/**
 * `inspect`: what of a module can be traced. The work is done in ./inspect, which only this command loads.
 */
import type { Command } from './command';
import { parseArguments } from './arguments';
import { HELP_OPTION, optionEntries, printHelp, type HelpPage } from './help';
import { terminalOf } from './terminal';
import { UsageError } from './usage-error';

const COMMAND = 'inspect';
const DEFAULT_TIMEOUT_S = 10;

const OPTIONS = {
  deep: {
    description: 'look at the files within a package, too, that it loads and in which an async generator stands',
  },
  json: { description: 'print JSON instead of a table' },
  timeout: { value: 'SECONDS', description: `how long a module may take to load (default: ${DEFAULT_TIMEOUT_S})` },
  'no-color': { description: 'no colours' },
  help: HELP_OPTION,
} as const;

const HELP: HelpPage = {
  description: [
    'Lists the exports of modules that are, or may be, async generators, how they can be patched, and the target to paste; of files of your own, what is ' +
      'written in them.',
  ],
  usage: ['otel-async-generator inspect [options] MODULE...'],
  sections: [{ title: 'Options', entries: optionEntries(OPTIONS) }],
  examples: [
    ['otel-async-generator inspect @aws-sdk/client-s3', 'A package, as the working directory has it'],
    ['otel-async-generator inspect node:timers/promises', 'A core module'],
    ['otel-async-generator inspect --deep postgres', 'What lies behind the exports of a package'],
    ['otel-async-generator inspect "./src/**/*.js"', 'Files of your own'],
  ],
  notes: [
    'Files that are named by their paths are read, and not run: all async generators are listed that are written in them. Other modules are loaded, each in a ' +
      'process of its own, which may do whatever the module does when it is loaded.',
  ],
};

export const inspectCommand: Command = {
  name: COMMAND,
  summary: 'list what of a module can be traced, and the target for it',
  async run(args, { env, cwd, stdout, stderr }) {
    const { options, operands } = parseArguments(args, OPTIONS, { command: COMMAND, stopAtOperand: false });
    if (options.help) {
      printHelp(HELP, stdout, env);
      return 0;
    }
    if (operands.length === 0)
      throw new UsageError('which module? For example: otel-async-generator inspect openai', COMMAND);
    const { columns, hasColours, hasUnicode } = terminalOf(stdout, env, options['no-color']);
    const { inspect } = await import('./inspect/index.js');
    return inspect({
      modules: operands,
      deep: options.deep,
      json: options.json,
      timeoutMs: timeoutOf(options.timeout),
      cwd,
      colour: hasColours,
      columns,
      hasUnicode,
      write: (text) => stdout.write(text),
      writeError: (text) => stderr.write(text),
    });
  },
};

/** In milliseconds. */
function timeoutOf(text: string | undefined): number {
  const seconds = text === undefined ? DEFAULT_TIMEOUT_S : Number(text);
  if (Number.isFinite(seconds) && seconds > 0) return seconds * 1000;
  throw new UsageError(`--timeout: "${String(text)}" is not allowed; expected a number of seconds`, COMMAND);
}

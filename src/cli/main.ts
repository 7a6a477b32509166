/**
 * Finds the command that the user means.
 */
import { escapeControls } from '../base/foreign-text';
import { PACKAGE_VERSION } from '../version';
import { didYouMean, parseArguments } from './arguments';
import type { Command, CommandContext } from './command';
import { HELP_OPTION, optionEntries, printHelp, type HelpPage } from './help';
import { inspectCommand } from './inspect-command';
import { runCommand } from './run/command';
import { UsageError } from './usage-error';

const PROGRAM = 'otel-async-generator';
const EXIT_USAGE = 2;

const COMMANDS: readonly Command[] = [runCommand, inspectCommand];
const NAMES = COMMANDS.map(({ name }) => name);

const OPTIONS = {
  help: HELP_OPTION,
  version: { short: 'v', description: 'print the version of this package' },
} as const;

const HELP: HelpPage = {
  description: ['Traces the async generators of Node.js applications with OpenTelemetry.'],
  usage: [`${PROGRAM} <command> [options]`],
  sections: [
    { title: 'Commands', entries: COMMANDS.map(({ name, summary }) => [name, summary]) },
    { title: 'Options', entries: optionEntries(OPTIONS) },
  ],
  examples: [
    [`${PROGRAM} run app.mjs`, 'What ran, when, and who was slow?'],
    [`${PROGRAM} inspect openai`, 'What of a package can be traced?'],
  ],
};

/**
 * Runs the command line.
 *
 * @param args without the executable and the script
 * @returns the exit status: 2 for a mistake in the arguments, else that of the command
 */
export async function main(args: readonly string[], context: CommandContext): Promise<number> {
  try {
    return await dispatch(args, context);
  } catch (error) {
    if (!(error instanceof UsageError)) throw error;
    const help = `${[PROGRAM, error.command].filter(Boolean).join(' ')} --help`;
    context.stderr.write(`${PROGRAM}: ${escapeControls(error.message)}\nSee ${help}\n`);
    return EXIT_USAGE;
  }
}

async function dispatch(args: readonly string[], context: CommandContext): Promise<number> {
  const { options, operands } = parseArguments(args, OPTIONS, { stopAtOperand: true });
  const [name, ...rest] = operands;
  if (options.version) {
    context.stdout.write(`${PACKAGE_VERSION}\n`);
    return 0;
  }
  if (name === undefined) {
    printHelp(HELP, options.help ? context.stdout : context.stderr, context.env);
    return options.help ? 0 : EXIT_USAGE;
  }
  // `help` and `help run`, as other programs have it.
  if (name === 'help') return dispatch([...rest.slice(0, 1), '--help'], context);
  return find(name).run(options.help ? ['--help'] : rest, context);
}

function find(name: string): Command {
  const command = COMMANDS.find((each) => each.name === name);
  if (command !== undefined) return command;
  const isFile = /[./\\]/.test(name);
  const instead = isFile ? `; to run an application: ${PROGRAM} run ${name}` : didYouMean(name, NAMES);
  throw new UsageError(`there is no command ${name}${instead || `; there are ${NAMES.join(' and ')}`}`);
}

/**
 * The command line: its commands, their options and their help. What a command does is in the folder of its name.
 */
import { Command, CommanderError, InvalidArgumentError } from 'commander';
import { escapeControls } from '../base/foreign-text';
import { readPresets } from '../options/presets';
import { readTargets } from '../options/resolve';
import { PRESET_NAMES } from '../presets';
import { PACKAGE_VERSION } from '../version';
import type { InspectOptions } from './inspect';
import { run } from './run/observe';
import { all, configFileOf, limitOf, listOf, nodeOptionOf, outputFileOf, urlOf, type RunOptions } from './run/options';
import { terminalOf, wrap, type CommandContext } from './terminal';

const PROGRAM = 'otel-async-generator';
const EXIT_USAGE = 2;

/** As wide as help is read comfortably. */
const WIDEST_HELP = 100;

/**
 * Runs the command line.
 *
 * @param args without the executable and the script
 * @returns the exit status: 2 for a mistake in the arguments, else that of the command
 */
export async function main(args: readonly string[], context: CommandContext): Promise<number> {
  let status = 0;
  const program = createProgram(context, (ofCommand) => {
    status = ofCommand;
  });
  // `--help run` is `help run`, as in git.
  const asksForHelp = /^(?:--help|-h)$/.test(args[0] ?? '') && /^[^-]/.test(args[1] ?? '');
  const words = asksForHelp ? ['help', ...args.slice(1)] : args;
  try {
    // Of a command that there is not, commander would print the general help without a word.
    if (words[0] === 'help' && words[1] !== undefined && !isCommand(program, words[1]))
      program.parse(words.slice(1, 2), { from: 'user' });
    await program.parseAsync(words, { from: 'user' });
    return status;
  } catch (error) {
    if (!(error instanceof CommanderError)) throw error;
    // The help that was asked for, or the version.
    if (error.exitCode === 0) return 0;
    if (error.code !== 'commander.help') context.stderr.write(describeMistake(error, args, context));
    return EXIT_USAGE;
  }
}

function isCommand(program: Command, name: string): boolean {
  return name.startsWith('-') || name === 'help' || program.commands.some((command) => command.name() === name);
}

function describeMistake(
  { code, message }: CommanderError,
  [command = '', ...rest]: readonly string[],
  { stderr, env }: CommandContext,
): string {
  const [what = '', ...suggestions] = message.replace(/^error: /, '').split(/\n(?=\(Did you mean)/);
  const mistake = `${PROGRAM}: ${escapeControls(what)}`;
  // For a person. In a log, it is one line.
  const wrapped = stderr.isTTY ? wrap(mistake, terminalOf(stderr, env).columns) : [mistake];
  const lines = [...wrapped, ...suggestions.map(escapeControls)];
  if (code === 'commander.unknownCommand' && /[./\\]/.test(command)) {
    lines.push(`To run an application: ${escapeControls([PROGRAM, 'run', command, ...rest].join(' '))}`);
  }
  if (code === 'commander.unknownOption' && command === 'run' && suggestions.length === 0) {
    lines.push('Options of the application follow its file; those of Node.js are given in --node-option.');
  }
  const isKnown = command === 'run' || command === 'inspect';
  lines.push(`See ${PROGRAM} ${isKnown ? `${command} ` : ''}--help`);
  return `${lines.join('\n')}\n`;
}

/** `main` parses with it; so do tests, which replace what the commands do. */
export function createProgram(context: CommandContext, exit: (status: number) => void): Command {
  const { cwd, env } = context;
  const helpWidth = (stream: NodeJS.WriteStream) => Math.min(terminalOf(stream, env).columns, WIDEST_HELP);
  const program = new Command(PROGRAM)
    .description('Traces the async generators of Node.js applications with OpenTelemetry.')
    .version(PACKAGE_VERSION, '-v, --version', 'print the version of this package')
    .helpOption('-h, --help', 'print this help')
    .helpCommand('help [command]', 'print the help of a command')
    .enablePositionalOptions()
    .exitOverride()
    .configureHelp({ minWidthToWrap: 20 })
    .configureOutput({
      writeOut: (text) => context.stdout.write(text),
      writeErr: (text) => context.stderr.write(text),
      // `main` says what is wrong.
      outputError: () => undefined,
      getOutHelpWidth: () => helpWidth(context.stdout),
      getErrHelpWidth: () => helpWidth(context.stderr),
    })
    .addHelpText(
      'after',
      examples([
        [`run app.mjs`, 'What ran, when, and which side was slow?'],
        [`inspect openai`, 'What can be traced in a package?'],
      ]),
    );

  program
    .command('run')
    .summary('run an application traced, and print a timeline of its async generators')
    .description(
      'Runs an application with tracing, without changing it, and prints a timeline of its async generators at the end.\n\n' +
        'Without --targets, --presets, --config and their environment variables, all async generators in the JavaScript and TypeScript ' +
        'files below the working directory (except in node_modules) are traced, and the presets of the installed packages are used. With any of them, only what they name is traced.\n\n' +
        "The timeline goes to stderr; stdin, stdout, exit status and signals are the application's. " +
        'If the options have a mistake, or spans are to be sent and there is no OpenTelemetry SDK, the application is not started and the exit status is 2.',
    )
    .argument('<app.mjs>', 'the file that Node is to run, or a command that starts Node, such as npm or tsx')
    .argument('[args...]', 'arguments for the application')
    .passThroughOptions()
    .option(
      '-t, --targets <targets>',
      'what to trace, for example "./src/**/*.js" or "@aws-sdk/client-s3[paginate*]"; may be repeated',
      all((text) => listOf(readTargets, text, cwd)),
    )
    .option(
      '-p, --presets <names>',
      `targets for known packages: auto (those that are installed), all, or any of ${PRESET_NAMES.join(', ')}`,
      all((text) => listOf(readPresets, text, cwd)),
    )
    .option('-c, --config <file>', 'a configuration file, YAML or JSON', (name) => configFileOf(name, cwd))
    .option('-w, --watch-spans', 'also print a line when each run ends')
    .option('-s, --spans', 'also draw the spans of HTTP calls and databases beneath the runs')
    .option('--json', 'print JSON instead of the timeline')
    .option('-o, --output <file>', 'write to a file what otherwise goes to stderr', (name) => outputFileOf(name, cwd))
    .option('-n, --limit <number>', 'how many runs get a line of their own, 0 for all', limitOf, 100)
    .option(
      '--otlp <url>',
      'also send traces, metrics and logs to this OTLP endpoint, for example http://localhost:4318',
      urlOf,
    )
    .option(
      '--node-option <option>',
      'an option for the Node.js that runs the application; may be repeated',
      all(nodeOptionOf),
    )
    .option('--no-color', 'no colours')
    .addHelpText(
      'after',
      examples([
        ['run app.mjs --port 8080', 'Arguments after the file are for the application'],
        ['run -t "@aws-sdk/client-s3[paginate*]" app.mjs', 'One package'],
        ['run --json --output runs.json app.mjs', 'JSON for another program'],
        ['run --otlp http://localhost:4318 app.mjs', 'Spans also go to a collector'],
        ['run npm start', 'Everything that a command starts'],
        ['run tsx app.ts', 'TypeScript, where Node needs a loader for it'],
      ]),
    )
    .action(async (application: string, args: string[], options: RunOptions) => {
      exit(await run(application, args, options, context));
    });

  program
    .command('inspect')
    .summary('list what can be traced in a module, and the target for it')
    .description(
      'Lists the exports of modules that are, or may be, async generators, how they can be patched, and the target to paste.\n\n' +
        'Your own files, named by their paths, are read and not run: all async generators defined in them are listed. ' +
        'Other modules are loaded, each in its own process, so their code runs.',
    )
    .argument('<module...>')
    .option('--deep', 'also look at the files within a package that define async generators')
    .option('--json', 'print JSON instead of a table')
    .option('--timeout <seconds>', 'how long a module may take to load', secondsOf, 10)
    .option('--no-color', 'no colours')
    .addHelpText(
      'after',
      examples([
        ['inspect @aws-sdk/client-s3', 'A package, found from the working directory'],
        ['inspect node:timers/promises', 'A core module'],
        ['inspect --deep postgres', 'The files behind the exports of a package'],
        ['inspect "./src/**/*.js"', 'Your own files'],
      ]),
    )
    .action(async (modules: string[], options: InspectOptions) => {
      const { inspect } = await import('./inspect/index.js');
      exit(await inspect(modules, options, context));
    });

  return program;
}

function examples(lines: readonly (readonly [command: string, purpose: string])[]): string {
  return [
    '',
    'Examples:',
    ...lines.flatMap(([command, purpose]) => [`  # ${purpose}`, `  ${PROGRAM} ${command}`]),
  ].join('\n');
}

function secondsOf(text: string): number {
  const seconds = Number(text);
  if (Number.isFinite(seconds) && seconds > 0) return seconds;
  throw new InvalidArgumentError('Expected a number of seconds.');
}

/**
 * The options of `run`: what they are, and what of them is a mistake.
 */
import * as fs from 'node:fs';
import { createRequire } from 'node:module';
import * as path from 'node:path';
import { PRESET_NAMES } from '../../presets';
import { readTargets } from '../../options/resolve';
import { didYouMean, mostLike, parseArguments, type OptionValues } from '../arguments';
import { HELP_OPTION } from '../help';
import { UsageError } from '../usage-error';

const COMMAND = 'run';
const DEFAULT_LIMIT = 100;

export const RUN_OPTIONS = {
  targets: {
    short: 't',
    value: 'TARGETS',
    multiple: true,
    description: 'what to trace, for example "./src/**/*.js" or "@aws-sdk/client-s3[paginate*]"; may be repeated',
  },
  presets: {
    short: 'p',
    value: 'NAMES',
    multiple: true,
    description: `targets for known packages: all, or of ${PRESET_NAMES.join(', ')}`,
  },
  config: { short: 'c', value: 'FILE', description: 'a configuration file, YAML or JSON' },
  'watch-spans': { short: 'w', description: 'print a line as each run ends, too' },
  json: { description: 'print JSON instead of the timeline' },
  output: { short: 'o', value: 'FILE', description: 'write to a file what else goes to stderr' },
  limit: {
    short: 'n',
    value: 'NUMBER',
    description: `how many runs get a line of their own, 0 for all (default: ${DEFAULT_LIMIT})`,
  },
  otlp: {
    value: 'URL',
    description: 'also send traces, metrics and logs to this OTLP endpoint, for example http://localhost:4318',
  },
  'node-option': {
    value: 'OPTION',
    multiple: true,
    description: 'an option for the Node.js that runs the application; may be repeated',
  },
  'no-color': { description: 'no colours' },
  help: HELP_OPTION,
} as const;

/** What the user asks for, checked. */
export interface RunOptions {
  /** Shorthands with `;` between them. Undefined where none were given. */
  readonly targets: string | undefined;
  /** Names with commas between them. */
  readonly presets: string | undefined;
  /** Absolute path. */
  readonly configFile: string | undefined;
  readonly watchSpans: boolean;
  readonly json: boolean;
  /** Absolute path. */
  readonly output: string | undefined;
  readonly limit: number;
  readonly otlp: URL | undefined;
  readonly nodeOptions: readonly string[];
  readonly noColour: boolean;
  /** The application's file, as the user wrote it. */
  readonly application: string;
  /** Absolute path of what Node makes of that. */
  readonly file: string;
  /** Its arguments. */
  readonly args: readonly string[];
}

/**
 * @returns undefined if the user asks for help
 * @throws UsageError
 */
export function parseRunOptions(args: readonly string[], cwd: string): RunOptions | undefined {
  const { options, operands } = parseArguments(args, RUN_OPTIONS, {
    command: COMMAND,
    stopAtOperand: true,
    aboutOthers: "the application's options stand behind its file, those of Node.js in --node-option",
  });
  if (options.help) return undefined;
  const [application, ...rest] = operands;
  if (application === undefined) throw mistake('which application? Give its file: otel-async-generator run app.mjs');
  const output = options.output === undefined ? undefined : path.resolve(cwd, options.output);
  if (output !== undefined && !isDirectory(path.dirname(output))) {
    throw mistake(`--output: there is no folder ${path.dirname(output)}`);
  }
  return {
    targets: targetsOf(options, cwd),
    presets: presetsOf(options),
    configFile: fileOf('--config', options.config, cwd),
    watchSpans: options['watch-spans'],
    json: options.json,
    output,
    limit: limitOf(options.limit),
    otlp: urlOf(options.otlp),
    nodeOptions: options['node-option'],
    noColour: options['no-color'],
    application,
    file: applicationFile(application, cwd),
    args: rest,
  };
}

type Values = OptionValues<typeof RUN_OPTIONS>;

const mistake = (message: string) => new UsageError(message, COMMAND);

function targetsOf({ targets }: Values, baseDir: string): string | undefined {
  for (const each of targets) {
    const problems: string[] = [];
    readTargets('--targets', each, { baseDir, problems });
    if (problems[0] !== undefined) throw mistake(problems[0]);
  }
  return targets.length === 0 ? undefined : targets.join(';');
}

function presetsOf({ presets }: Values): string | undefined {
  const names = presets.flatMap((list) => list.split(',')).map((name) => name.trim());
  const allowed = [...PRESET_NAMES, 'all'];
  for (const name of names) {
    if (allowed.includes(name)) continue;
    throw mistake(
      `--presets: there is no preset "${name}"${didYouMean(name, allowed) || `; there are ${allowed.join(', ')}`}`,
    );
  }
  return names.length === 0 ? undefined : names.join(',');
}

function limitOf(text: string | undefined): number {
  if (text === undefined) return DEFAULT_LIMIT;
  if (!/^\d+$/.test(text)) throw mistake(`--limit: "${text}" is not allowed; expected a whole number, 0 for all runs`);
  return Number(text);
}

function urlOf(text: string | undefined): URL | undefined {
  if (text === undefined) return undefined;
  const url = URL.canParse(text) ? new URL(text) : undefined;
  if (url !== undefined && /^https?:$/.test(url.protocol)) return url;
  throw mistake(`--otlp: "${text}" is not allowed; expected a URL such as http://localhost:4318`);
}

function fileOf(option: string, name: string | undefined, cwd: string): string | undefined {
  if (name === undefined) return undefined;
  const file = path.resolve(cwd, name);
  if (isFile(file)) return file;
  throw mistake(`${option}: there is no file ${name}${didYouMeanFile(file, name)}`);
}

/** As Node finds it: without its extension, or the folder with an index file, too. */
function applicationFile(name: string, cwd: string): string {
  const absolute = path.resolve(cwd, name);
  if (isFile(absolute)) return absolute;
  try {
    return createRequire(path.join(cwd, 'noop.js')).resolve(absolute);
  } catch {
    // Said better below.
  }
  if (name === 'node') throw mistake('leave out "node", and give the file: otel-async-generator run app.mjs');
  if (name === '-') throw mistake('an application that comes on stdin cannot be traced: give a file');
  if (isDirectory(absolute)) {
    throw mistake(`${name} is a folder that has no main file: give the file that Node is to start with`);
  }
  throw mistake(`there is no file ${name}${didYouMeanFile(absolute, name)}`);
}

function didYouMeanFile(absolute: string, name: string): string {
  const folder = path.dirname(absolute);
  const files = isDirectory(folder) ? fs.readdirSync(folder, { withFileTypes: true }) : [];
  const names = files.filter((entry) => !entry.isDirectory()).map((entry) => entry.name);
  const like = mostLike(path.basename(name), names);
  return like === undefined ? '' : `; did you mean ${path.join(path.dirname(name), like)}?`;
}

const isFile = (file: string) => fs.statSync(file, { throwIfNoEntry: false })?.isFile() === true;
const isDirectory = (file: string) => fs.statSync(file, { throwIfNoEntry: false })?.isDirectory() === true;

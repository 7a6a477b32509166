/**
 * The arguments of `run`: the application and the options. What is a mistake in them, and what they say to `register` in the application's
 * environment.
 */
import { InvalidArgumentError } from 'commander';
import { distance } from 'fastest-levenshtein';
import * as fs from 'node:fs';
import { createRequire } from 'node:module';
import * as path from 'node:path';
import { ancestorsOf } from '../../base/installed';
import { nearest } from '../../base/invalid';
import type { readPresets } from '../../options/presets';
import type { readTargets } from '../../options/resolve';
import { PREFIX } from '../../options/sources';
import { RUN_REPORT_VARIABLE, RUN_SPANS_VARIABLE } from '../../run-report/protocol';

/** What commander has read. Files are absolute paths. */
export interface RunOptions {
  /** A shorthand, or several with `;` between them, for each time that the option was given. */
  readonly targets?: readonly string[];
  /** Names with commas between them. */
  readonly presets?: readonly string[];
  readonly config?: string;
  readonly watchSpans?: boolean;
  /** Whether to draw the spans of other instrumentations beneath the runs. */
  readonly spans?: boolean;
  readonly json?: boolean;
  readonly output?: string;
  readonly limit: number;
  readonly otlp?: URL;
  readonly nodeOption?: readonly string[];
  readonly color: boolean;
}

// Checks that commander calls with each value. A value is whatever follows the option, even nothing (`--output=`) or the next
// option (`--output --json`).

/** The values of an option that may be repeated. */
export const all =
  (check: (text: string) => string) =>
  (text: string, previous: readonly string[] = []): readonly string[] => [...previous, check(text)];

/** Checks a list as the key of the same name in a configuration file is checked. */
export function listOf(read: typeof readTargets | typeof readPresets, text: string, baseDir: string): string {
  const problems: string[] = text === '' ? ['it is empty'] : [];
  read('', text, { baseDir, problems });
  const [problem] = problems;
  if (problem !== undefined) throw new InvalidArgumentError(problem);
  return text;
}

export function limitOf(text: string): number {
  if (!/^\d+$/.test(text)) throw new InvalidArgumentError('Expected a whole number, 0 for all runs.');
  return Number(text);
}

export function urlOf(text: string): URL {
  const url = URL.canParse(text) ? new URL(text) : undefined;
  if (url !== undefined && /^https?:$/.test(url.protocol)) return url;
  throw new InvalidArgumentError('Expected a URL such as http://localhost:4318.');
}

export function nodeOptionOf(text: string): string {
  if (text === '') throw new InvalidArgumentError('Expected an option such as --import=tsx.');
  return text;
}

export function configFileOf(name: string, cwd: string): string {
  if (name === '') throw new InvalidArgumentError('Expected the path of a file.');
  const file = path.resolve(cwd, name);
  if (isFile(file)) return file;
  throw new InvalidArgumentError(`There is no file ${name}${didYouMeanFile(file, name)}`);
}

export function outputFileOf(name: string, cwd: string): string {
  if (name === '') throw new InvalidArgumentError('Expected the path of a file.');
  const file = path.resolve(cwd, name);
  if (name.startsWith('-')) throw new InvalidArgumentError(`If it is a file, write ./${name}`);
  if (isDirectory(file)) throw new InvalidArgumentError('It is a folder.');
  if (!isDirectory(path.dirname(file))) throw new InvalidArgumentError(`There is no folder ${path.dirname(file)}`);
  return file;
}

function didYouMeanFile(absolute: string, name: string): string {
  const folder = path.dirname(absolute);
  const files = isDirectory(folder) ? fs.readdirSync(folder, { withFileTypes: true }) : [];
  const names = files.filter((entry) => !entry.isDirectory()).map((entry) => entry.name);
  const word = path.basename(name);
  const [like] = nearest(word, names, 1);
  // Among many files, one is always a little like it.
  const isSimilar =
    like && word.length > 1 && (like.includes(word) || distance(word, like) <= Math.max(2, word.length / 3));
  return isSimilar ? `; did you mean ${path.join(path.dirname(name), like)}?` : '';
}

const isFile = (file: string) => fs.statSync(file, { throwIfNoEntry: false })?.isFile() === true;
const isDirectory = (file: string) => fs.statSync(file, { throwIfNoEntry: false })?.isDirectory() === true;

/** Absolute paths. */
export type Application =
  { readonly file: string; readonly command?: undefined } | { readonly command: string; readonly file?: undefined };

/** @throws InvalidArgumentError if there is neither such a file nor such a command */
export function findApplication(name: string, cwd: string, env: NodeJS.ProcessEnv): Application {
  const absolute = path.resolve(cwd, name);
  if (isFile(absolute)) return { file: absolute };
  try {
    // As Node finds it: the extension may be missing, and a folder has an index file.
    return { file: createRequire(path.join(cwd, 'noop.js')).resolve(absolute) };
  } catch {
    const command = isDirectory(absolute) ? undefined : findCommand(name, cwd, env);
    if (command === undefined) throw new InvalidArgumentError(whyNoApplication(name, absolute));
    return { command };
  }
}

/** Commands of installed packages come first, as in the scripts of package.json. */
function findCommand(name: string, cwd: string, env: NodeJS.ProcessEnv): string | undefined {
  if (!/^[\w@][\w@.-]*$/.test(name) || process.platform === 'win32') return undefined;
  const folders = [
    ...ancestorsOf(cwd).map((folder) => path.join(folder, 'node_modules', '.bin')),
    ...(env.PATH ?? '').split(path.delimiter),
  ];
  return folders
    .filter((folder) => path.isAbsolute(folder))
    .map((folder) => path.join(folder, name))
    .find((file) => isFile(file) && isExecutable(file));
}

function isExecutable(file: string): boolean {
  try {
    fs.accessSync(file, fs.constants.X_OK);
    return true;
  } catch {
    return false;
  }
}

function whyNoApplication(name: string, absolute: string): string {
  if (name === '-') return 'an application that comes on stdin cannot be traced: give a file';
  if (isDirectory(absolute))
    return `${name} is a folder that has no main file: give the file that Node is to start with`;
  if (process.platform === 'win32' && /^(?:node|npm|npx|pnpm|yarn|tsx)$/.test(name))
    return `on Windows, ${name} cannot be started: give the file that Node is to start with, and what Node needs for it in --node-option`;
  const orCommand = /^[\w@-]+$/.test(name) ? ', and no command of that name in node_modules/.bin or PATH' : '';
  return `there is no file ${name}${orCommand}${didYouMeanFile(absolute, name)}`;
}

/** As NODE_OPTIONS takes them: arguments with spaces in quotes. */
export function toNodeOptions(args: readonly string[]): string {
  return args.map((arg) => (/[\s"\\]/.test(arg) ? `"${arg.replace(/["\\]/g, '\\$&')}"` : arg)).join(' ');
}

const TARGETS = `${PREFIX}TARGETS`;
const PRESETS = `${PREFIX}PRESETS`;
const CONFIG_FILE = `${PREFIX}CONFIG_FILE`;

const FILES = '**/*.{js,cjs,mjs,jsx,ts,cts,mts,tsx}';
const SIGNALS = ['TRACES', 'METRICS', 'LOGS'];
/** Where collectors listen for OTLP over gRPC. */
const GRPC_PORT = '4317';

type WhatToTrace = Pick<RunOptions, 'targets' | 'presets' | 'config'>;

/** The variables that the command adds to those that it has itself. `undefined` takes one away. */
export function environmentFor(
  options: WhatToTrace & Pick<RunOptions, 'otlp' | 'spans'>,
  file: string | undefined,
  env: NodeJS.ProcessEnv,
  cwd: string,
  reportFile: string,
): NodeJS.ProcessEnv {
  return {
    [RUN_REPORT_VARIABLE]: reportFile,
    [RUN_SPANS_VARIABLE]: options.spans === true ? '1' : undefined,
    ...whatToTrace(options, file, env, cwd),
    ...(options.otlp === undefined ? exportNothing(env) : exportTo(options.otlp, env)),
  };
}

/** Whether neither options, nor the environment, nor a file say what to trace. */
export function isTracingEverything({ targets, presets, config }: WhatToTrace, env: NodeJS.ProcessEnv): boolean {
  const given = [targets, presets, config, env[TARGETS], env[PRESETS], env[CONFIG_FILE], env.OTEL_CONFIG_FILE];
  return given.every((each) => each === undefined || each === '');
}

function whatToTrace(
  options: WhatToTrace,
  file: string | undefined,
  env: NodeJS.ProcessEnv,
  cwd: string,
): NodeJS.ProcessEnv {
  if (isTracingEverything(options, env)) return { [TARGETS]: ownFiles(file, cwd), [PRESETS]: 'auto' };
  const { targets, presets, config } = options;
  return {
    ...(targets !== undefined && { [TARGETS]: targets.join(';') }),
    ...(presets !== undefined && { [PRESETS]: presets.join(',') }),
    ...(config !== undefined && { [CONFIG_FILE]: config }),
  };
}

/** All of the working directory, and of the application's folder if that is elsewhere. */
function ownFiles(file: string | undefined, cwd: string): string {
  const folder = file === undefined ? cwd : path.dirname(file);
  const relative = path.relative(cwd, folder);
  const isElsewhere = relative.startsWith('..') || path.isAbsolute(relative);
  // A folder whose name reads as a part of the shorthand cannot be named in it.
  const folders = isElsewhere && !/[;*?{}[\]]/.test(folder) ? ['.', folder] : ['.'];
  return folders.map((each) => `${each}/${FILES}`).join(';');
}

/** The timeline needs no exporter. One that the user has chosen stays. */
function exportNothing(env: NodeJS.ProcessEnv): NodeJS.ProcessEnv {
  const names = SIGNALS.map((signal) => `OTEL_${signal}_EXPORTER`);
  return Object.fromEntries(names.filter((name) => !env[name]).map((name) => [name, 'none']));
}

/** Whether spans are to be sent, which takes an SDK. */
export function sendsSpans({ otlp }: Pick<RunOptions, 'otlp'>, env: NodeJS.ProcessEnv): boolean {
  const { OTEL_TRACES_EXPORTER: exporter, OTEL_CONFIG_FILE: file } = env;
  return otlp !== undefined || (Boolean(exporter) && exporter !== 'none') || Boolean(file);
}

/** The option wins over what the environment says of single signals. */
function exportTo(url: URL, env: NodeJS.ProcessEnv): NodeJS.ProcessEnv {
  const endpoint = url.href.replace(/\/+$/, '').replace(/\/v1\/traces$/, '');
  const protocol = url.port === GRPC_PORT ? 'grpc' : 'http/protobuf';
  return {
    OTEL_EXPORTER_OTLP_ENDPOINT: endpoint,
    ...(!env.OTEL_EXPORTER_OTLP_PROTOCOL && { OTEL_EXPORTER_OTLP_PROTOCOL: protocol }),
    ...Object.fromEntries(
      SIGNALS.flatMap((signal) => [
        [`OTEL_${signal}_EXPORTER`, 'otlp'],
        [`OTEL_EXPORTER_OTLP_${signal}_ENDPOINT`, undefined],
        [`OTEL_EXPORTER_OTLP_${signal}_PROTOCOL`, undefined],
      ]),
    ),
  };
}

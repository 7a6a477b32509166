/**
 * `run`: starts an application traced, and writes what its generators did: as they do it, and at the end.
 */
import { InvalidArgumentError } from 'commander';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import * as fs from 'node:fs';
import { constants, tmpdir } from 'node:os';
import * as path from 'node:path';
import { pathToFileURL } from 'node:url';
import { escapeControls, toPrintableJson } from '../../base/foreign-text';
import { ownFile } from '../../own-files';
import { INSTALL_COMMAND } from '../../base/installed';
import { findSdk } from '../../register/sdk';
import { nameOfFile, terminalOf, type CommandContext, type Terminal } from '../terminal';
import { circumstancesOf } from './diagnosis';
import type { ChildExit } from './model';
import {
  environmentFor,
  findApplication,
  sendsSpans,
  toNodeOptions,
  type Application,
  type RunOptions,
} from './options';
import { EndedRuns, renderJson, renderText, toJsonRun, type Observation } from './output';
import { ReportReader } from './report';
import { forwardSignals, readSignals } from './signals';

const EXIT_NO_SDK = 2;

/** What a person takes for at once. */
const WATCH_INTERVAL_MS = 100;

/**
 * @param name its file, or the command that starts it, as the user wrote it
 * @returns its exit status. If a signal ended it, the same signal ends this process.
 * @throws InvalidArgumentError if the application has not been started: there is no such file, or a file cannot be written
 */
export async function run(
  name: string,
  args: readonly string[],
  options: RunOptions,
  context: CommandContext,
): Promise<number> {
  const application = findApplication(name, context.cwd, context.env);
  const folders = [...(application.file === undefined ? [] : [path.dirname(application.file)]), context.cwd];
  if (sendsSpans(options, context.env) && findSdk(folders) === undefined) {
    context.stderr.write(`otel-async-generator: sending spans needs OpenTelemetry's SDK: ${INSTALL_COMMAND}\n`);
    return EXIT_NO_SDK;
  }
  const output = openOutput(options, context);
  const folder = createTemporaryFolder();
  const reportFile = path.join(folder, 'runs.ndjson');
  let exit: ChildExit;
  try {
    exit = await observe({ name, args, application, reportFile }, options, context, output);
  } finally {
    fs.rmSync(folder, { recursive: true, force: true });
  }
  return exit.signal === null ? (exit.code as number) : endBySignal(exit.signal);
}

interface Start {
  /** As the user wrote it. */
  readonly name: string;
  readonly args: readonly string[];
  readonly application: Application;
  /** Where its processes report their runs. */
  readonly reportFile: string;
}

async function observe(
  { name, args, application, reportFile }: Start,
  options: RunOptions,
  context: CommandContext,
  output: Output,
): Promise<ChildExit> {
  const { cwd } = context;
  const env = { ...context.env, ...environmentFor(options, application.file, context.env, cwd, reportFile) };
  const nodeOptions = [...process.execArgv, ...(options.nodeOption ?? [])];
  // `register` comes last: what the user preloads may set up an SDK, and has to be first then.
  const preload = ['--import', pathToFileURL(ownFile('register')).href];
  const reader = new ReportReader();
  const ended = new EndedRuns();
  const spawnedAt = now();
  // The program's own time: what comes before that is Node's, and the set-up of tracing.
  const startedAt = () => reader.threads[0]?.readyAt ?? spawnedAt;
  const announce = () => {
    for (const run of reader.read(reportFile)) {
      const text = options.json
        ? `${toPrintableJson(toJsonRun(run, startedAt()))}\n`
        : ended.render(run, startedAt(), output.terminal);
      void output.write(text);
    }
  };
  const timer = options.watchSpans ? setInterval(announce, WATCH_INTERVAL_MS) : undefined;
  const exit = await runChild(startOf(application, name, args, [...nodeOptions, ...preload], env), cwd, reportFile);
  const exitedAt = now();
  clearInterval(timer);
  if (options.watchSpans) announce();
  else reader.read(reportFile);
  const { runs, spans, threads } = reader;
  // What a command has started is known only now. One such as tsx gives Node its loader.
  const isCommand = application.file === undefined;
  const file = application.file ?? threads[0]?.entry ?? cwd;
  const started = {
    application: isCommand ? nameOfFile(file, cwd) : name,
    file,
    nodeOptions: isCommand ? [...nodeOptions, ...threads.flatMap((thread) => thread.nodeArguments)] : nodeOptions,
  };
  const circumstances = circumstancesOf({ ...started, options, exit, threads }, env, context);
  const endedAt = threads[0]?.endedAt ?? exitedAt;
  const title = isCommand ? [name, ...args].join(' ') : name;
  const about = { ...exit, startedAt: startedAt(), endedAt, file: name, args, title };
  await output.write(render({ application: about, runs, spans, circumstances }, options, output.terminal));
  return exit;
}

/** Whatever goes wrong here, the command ends as the application did. */
function render(observation: Observation, { json, limit }: RunOptions, terminal: Terminal): string {
  try {
    return json ? renderJson(observation) : renderText(observation, terminal, limit);
  } catch (error) {
    // For one, JSON of more runs than fit into a string.
    return `otel-async-generator: the report cannot be written: ${escapeControls(String(error))}\n`;
  }
}

interface ChildCommand {
  readonly command: string;
  readonly args: readonly string[];
  readonly argv0: string | undefined;
  readonly env: NodeJS.ProcessEnv;
}

function startOf(
  application: Application,
  name: string,
  args: readonly string[],
  options: readonly string[],
  env: NodeJS.ProcessEnv,
): ChildCommand {
  if (application.file === undefined) {
    const NODE_OPTIONS = [env.NODE_OPTIONS, toNodeOptions(options)].filter(Boolean).join(' ');
    return { command: application.command, args, argv0: name, env: { ...env, NODE_OPTIONS } };
  }
  // The name that the user started Node by (`node`). Without it, spawn gives the whole path, which the default service.name is made of.
  const { argv0, execPath } = process;
  return { command: execPath, args: [...options, name, ...args], argv0, env };
}

const now = () => performance.timeOrigin + performance.now();

/**
 * Runs a process to its end. Signals that this process gets in that time are forwarded to it, each of them once.
 *
 * @throws the error of the system if it cannot be started
 */
async function runChild({ command, args, ...options }: ChildCommand, cwd: string, file: string): Promise<ChildExit> {
  const child = spawn(command, args, { ...options, cwd, stdio: 'inherit' });
  const stop = forwardSignals(child, () => readSignals(file));
  try {
    // Rejects if there is an `error` event instead.
    const [code, signal] = (await once(child, 'exit')) as [number | null, NodeJS.Signals | null];
    return { code, signal };
  } finally {
    stop();
  }
}

/** Ends this process by the signal that ended the application, so that its parent sees the same. */
function endBySignal(signal: NodeJS.Signals): Promise<never> {
  process.kill(process.pid, signal);
  // If the process survives the signal (as process 1 of a container), it exits with the status that shells use for it.
  return new Promise(() => {
    setTimeout(() => {
      process.exit(128 + constants.signals[signal]);
    }, 1000);
  });
}

/** A container may have no file system that can be written to. */
function createTemporaryFolder(): string {
  try {
    return fs.mkdtempSync(path.join(tmpdir(), 'otel-async-generator-'));
  } catch (error) {
    throw new InvalidArgumentError(`no temporary file can be written: ${(error as Error).message}; TMPDIR says where`);
  }
}

/** Where the command writes: stderr, since stdout is the application's, or a file. */
interface Output {
  readonly terminal: Terminal;
  /** Fulfils when the text is on its way, so that the process may end. Never rejects: the end of the application is what counts. */
  write(text: string): Promise<void>;
}

function openOutput({ output, color }: RunOptions, context: CommandContext): Output {
  const { env } = context;
  if (output === undefined) {
    return {
      // Not before it is needed: see ../../cli.ts. And a terminal may have another width by then.
      get terminal() {
        return terminalOf(context.stderr, env, !color);
      },
      write: (text) =>
        new Promise((resolve) => {
          context.stderr.write(text, () => {
            resolve();
          });
        }),
    };
  }
  try {
    fs.writeFileSync(output, '');
  } catch (error) {
    throw new InvalidArgumentError(`--output: ${(error as Error).message}`);
  }
  let hasFailed = false;
  return {
    terminal: terminalOf({}, env, !color),
    write(text) {
      try {
        fs.appendFileSync(output, text);
      } catch (error) {
        if (!hasFailed)
          context.stderr.write(`otel-async-generator: --output: ${escapeControls((error as Error).message)}\n`);
        hasFailed = true;
      }
      return Promise.resolve();
    },
  };
}

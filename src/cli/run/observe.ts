/**
 * Runs an application and writes what its generators did: as they do it, and at the end.
 */
import * as fs from 'node:fs';
import * as os from 'node:os';
import * as path from 'node:path';
import { pathToFileURL } from 'node:url';
import { filesOfApplication, readText } from '../../install/application-files';
import { PREFIX, readZeroCodeConfig, type ZeroCodeConfig } from '../../options/sources';
import { isPresetName } from '../../options/table';
import { holdsAsyncGenerator } from '../../source/text';
import { escapeControls, toPrintableJson } from '../../base/foreign-text';
import type { CommandContext } from '../command';
import { UsageError } from '../usage-error';
import { runChild, type ChildExit } from './child';
import type { Circumstances } from './diagnosis';
import { environmentFor, isTracingEverything } from './environment';
import { renderJson, renderText, type Observation } from './final-report';
import { toJsonRun } from './json';
import type { ObservedRun, Thread } from './model';
import type { RunOptions } from './options';
import { ReportReader } from './report-reader';
import { readSignals } from './signal-reader';
import { openSink, type Sink } from './sink';
import { renderEndedRun } from './watch-line';

/** What a person takes for at once. */
const WATCH_INTERVAL_MS = 100;

/** @throws UsageError if `--output` or temporary files cannot be written; the application has not been started then */
export async function observe(options: RunOptions, context: CommandContext): Promise<ChildExit> {
  const sink = openSink(options, context);
  const folder = createTemporaryFolder();
  try {
    return await observeWith(path.join(folder, 'runs.ndjson'), options, context, sink);
  } finally {
    fs.rmSync(folder, { recursive: true, force: true });
  }
}

/** A container may have no file system that can be written to. */
function createTemporaryFolder(): string {
  try {
    return fs.mkdtempSync(path.join(os.tmpdir(), 'otel-async-generator-'));
  } catch (error) {
    throw new UsageError(`no temporary file can be written: ${(error as Error).message}; TMPDIR says where`, 'run');
  }
}

async function observeWith(
  reportFile: string,
  options: RunOptions,
  context: CommandContext,
  sink: Sink,
): Promise<ChildExit> {
  const { cwd } = context;
  const env = { ...context.env, ...environmentFor(options, context.env, cwd, reportFile) };
  const startedAt = now();
  const reader = new ReportReader(options.watchSpans ? announcer(options, sink, startedAt) : undefined);
  const timer = options.watchSpans
    ? setInterval(() => {
        reader.readFrom(reportFile);
      }, WATCH_INTERVAL_MS)
    : undefined;
  const exit = await runChild({
    execPath: process.execPath,
    args: nodeArguments(options),
    env,
    cwd,
    readSignalReport: () => readSignals(reportFile),
  });
  clearInterval(timer);
  reader.readFrom(reportFile);
  const observation: Observation = {
    application: { ...exit, startedAt, endedAt: now(), file: options.application, args: options.args },
    runs: reader.runs,
    threads: reader.threads,
    circumstances: circumstancesOf(options, context, { env, exit, threads: reader.threads }),
    otlp: options.otlp,
  };
  await sink.write(render(observation, options, sink));
  return exit;
}

/** Whatever goes wrong in it, the command ends as the application did. */
function render(observation: Observation, { json, limit }: RunOptions, { terminal }: Sink): string {
  try {
    return json ? renderJson(observation) : renderText(observation, { ...terminal, limit });
  } catch (error) {
    // For one, JSON of more runs than fit into a string.
    return `otel-async-generator: the report cannot be written: ${escapeControls(String(error))}\n`;
  }
}

const now = () => performance.timeOrigin + performance.now();

/** Ours come last: what the user preloads may set up an SDK, and has to be first then. */
function nodeArguments({ nodeOptions, application, args }: RunOptions): string[] {
  const register = pathToFileURL(require.resolve('../../register')).href;
  return [...userArguments(nodeOptions), '--import', register, application, ...args];
}

const userArguments = (nodeOptions: readonly string[]) => [...process.execArgv, ...nodeOptions];

function announcer({ json }: RunOptions, sink: Sink, startedAt: number): (run: ObservedRun) => void {
  return (run) => {
    const line = json ? toPrintableJson(toJsonRun(run, startedAt)) : renderEndedRun(run, startedAt, sink.terminal);
    void sink.write(`${line}\n`);
  };
}

function circumstancesOf(
  options: RunOptions,
  { env: ownEnv, cwd }: CommandContext,
  { env, exit, threads }: { env: NodeJS.ProcessEnv; exit: ChildExit; threads: readonly Thread[] },
): Omit<Circumstances, 'threads'> {
  const config = readZeroCodeConfig(env, cwd);
  const { presets = [] } = config.instrumentation;
  const { packages, bundles } = filesOfApplication(options.file);
  const nameOfFile = (file: string) => (file === options.file ? options.application : relativeTo(cwd, file));
  return {
    namedPresets: typeof presets === 'string' ? [] : presets.filter(isPresetName),
    isTracingEverything: isTracingEverything(options, ownEnv),
    configProblems: [...config.problems, ...config.warnings],
    switchedOffBy: switchedOffBy(config),
    application: options.application,
    entryIsLeftOut: holdsAsyncGenerator(readText(options.file)) && !isMeant(options.file, threads),
    packages,
    bundles: bundles.map((bundle) => ({ ...bundle, file: nameOfFile(bundle.file) })),
    nodeArguments: [...userArguments(options.nodeOptions), ...(env.NODE_OPTIONS ?? '').split(' ')],
    exit,
  };
}

function switchedOffBy({ sdkDisabled, enabled }: ZeroCodeConfig): string | undefined {
  if (sdkDisabled) return 'OTEL_SDK_DISABLED=true, or "disabled: true" in the file of OTEL_CONFIG_FILE';
  if (enabled) return undefined;
  return (
    `${PREFIX}ENABLED=false, async-generator in OTEL_NODE_DISABLED_INSTRUMENTATIONS, or "enabled: false" in a ` +
    'configuration file'
  );
}

function isMeant(file: string, threads: readonly Thread[]): boolean {
  const modules = threads.flatMap(({ targets = [] }) => targets.flatMap((target) => target.modules));
  return modules.some((module) => module.file === file);
}

/** As a target names it. */
function relativeTo(cwd: string, file: string): string {
  const relative = path.relative(cwd, file).replaceAll(path.sep, '/');
  return relative.startsWith('..') || path.isAbsolute(relative) ? file : `./${relative}`;
}

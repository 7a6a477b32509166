/** Registers the hooks on imports: synchronous ones where Node has them, else a loader thread. */
import { pathToFileURL } from 'node:url';
import { MessageChannel, receiveMessageOnPort, type MessagePort } from 'node:worker_threads';
import { ownFile } from '../own-files';
import { seesSource, SourceTarget, toSourceTargetData, type SourceTargetData } from '../targets/source-target';
import type { ResolvedConfig, Target } from '../targets/target';
import { logger, say } from '../base/logger';
import { listenToFacades, requireFromInstrumentation } from './esm';
import { isInternalThread } from './internal-thread';
import { registerLoaderLast } from './last-hooks';
import { importInTheMiddleOptions, inclusionsOf, type Inclusion } from './wrapped-imports';
import { receiveFromThread, registrarName, seeImports, sourceSeen, useSource } from './source-mode';
import type { SourceFile } from './source-rewriter';
import { registerSyncHooks } from './sync-hooks';

/** What the loader thread gets. */
export interface LoaderData {
  /** URLs in the copy of import-in-the-middle that the main thread has. */
  readonly createHook: string;
  readonly hook: string;
  readonly inclusions: readonly Inclusion[];
  /** Name of the global variable that the calls in rewritten sources reach. */
  readonly registrar: string;
  /** Targets that see ES modules as source. */
  readonly sources: readonly SourceTargetData[];
  /** For what is to be said: the main thread has the logger. */
  readonly messages: MessagePort;
}

export type LoaderMessage =
  /** `silent`: for a logger only. */
  | { readonly text: string; readonly level: 'warn' | 'error'; readonly silent: boolean }
  /** Sent before the module that it is about can run. */
  | { readonly source: SourceFile };

let hasLoaderThread = false;

/** Makes imports of the targets' ES modules visible. There can be only one loader thread. */
export function registerHooks({ targets, baseDir }: ResolvedConfig): void {
  if (isInternalThread()) return;
  const sources = targets.filter(seesSource);
  useSource({ targets: sources.map((target) => new SourceTarget(target)) });
  const { inclusions, isSourceSeen } = hookImports(targets, baseDir);
  if (inclusions.length === 0 && isSourceSeen) return;
  if (hasLoaderThread) {
    // Later, since the SDK, which brings the logger, is usually set up right after this.
    setImmediate(() => {
      logger.warn(
        'registerImportHooks was called before; pass all targets in one call, those of the second are not seen',
      );
    });
    return;
  }
  hasLoaderThread = true;
  listenToFacades();
  const { port1, port2 } = new MessageChannel();
  listenTo(port1);
  const data: LoaderData = {
    createHook: urlOf(requireFromInstrumentation.resolve('import-in-the-middle/create-hook.mjs')),
    hook: urlOf(requireFromInstrumentation.resolve('import-in-the-middle/hook.mjs')),
    inclusions,
    registrar: registrarName(),
    sources: isSourceSeen ? [] : sources.map((target) => toSourceTargetData(target, baseDir)),
    messages: port2,
  };
  registerLoaderLast(urlOf(ownFile('loader-thread')), { data, transferList: [port2] });
}

/** What the synchronous hooks wrap. It only grows: a module that was imported as it is can't be wrapped later. */
const hooked: Inclusion[] = [];
/** The targets that it has. */
const hookedTargets = new Set<string>();
/** Whether there are such hooks, once something needed them. */
let isHooked: boolean | undefined;

let hasFailed = false;

/** What is left to a loader thread. */
interface Unhooked {
  readonly inclusions: readonly Inclusion[];
  readonly isSourceSeen: boolean;
}

const NOTHING_LEFT: Unhooked = { inclusions: [], isSourceSeen: true };

/** Makes imports of the targets' ES modules visible where Node has synchronous hooks. May be called again, with other targets. */
export function hookImports(targets: readonly Target[], baseDir: string): Unhooked {
  if (hasFailed) return NOTHING_LEFT;
  try {
    return hookImportsOf(targets, baseDir);
  } catch (error) {
    // Node's permission model may allow none. All that is required is still traced.
    hasFailed = true;
    logger.error('Could not register the import hooks: no import of an ES module is traced', error);
    return NOTHING_LEFT;
  }
}

function hookImportsOf(targets: readonly Target[], baseDir: string): Unhooked {
  const keyOf = ({ module, selectors }: Target) =>
    JSON.stringify([baseDir, module.text, selectors.map(({ text }) => text)]);
  const added = targets.filter((target) => !hookedTargets.has(keyOf(target)));
  const isSourceSeen = !targets.some(seesSource) || seeImports();
  // None where there are core modules only: then nothing has to ask about every import.
  const inclusions = added.flatMap((target) => inclusionsOf(target, baseDir));
  if (inclusions.length === 0) return { inclusions, isSourceSeen };
  if (isHooked === undefined) {
    // First, so that import-in-the-middle reads what Node loads.
    seeImports();
    isHooked = registerSyncHooks(importInTheMiddleOptions(hooked));
  }
  if (!isHooked) return { inclusions, isSourceSeen };
  for (const target of added) hookedTargets.add(keyOf(target));
  for (const inclusion of inclusions) hooked.push(inclusion);
  return { inclusions: [], isSourceSeen };
}

/** Receives what the loader thread has to tell, at the latest at the end of the process. */
function listenTo(port: MessagePort): void {
  const receive = (message: LoaderMessage) => {
    if ('source' in message) sourceSeen(message.source);
    else if (message.silent) logger[message.level](message.text);
    else say(message.level, message.text);
  };
  port.on('message', receive);
  port.unref();
  const receiveAll = () => {
    for (let left = receiveMessageOnPort(port); left !== undefined; left = receiveMessageOnPort(port)) {
      receive(left.message as LoaderMessage);
    }
  };
  receiveFromThread(receiveAll);
  process.on('exit', receiveAll);
}

const urlOf = (file: string) => pathToFileURL(file).href;

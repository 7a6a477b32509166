/**
 * Registers import-in-the-middle, without which no import of an ES module can be seen.
 */
import Module = require('node:module');
import { pathToFileURL } from 'node:url';
import { MessageChannel, receiveMessageOnPort, type MessagePort } from 'node:worker_threads';
import { completeConfig } from '../config/in-code';
import { resolveConfig } from '../config/validate';
import { loaderThreadFile } from '../own-files';
import { installedEntryFiles } from '../targets/entry-files';
import { seesSource, SourceTarget, toSourceTargetData } from '../targets/source-target';
import type { Selector } from '../targets/selector';
import type { Target } from '../targets/target';
import { logger, say } from '../telemetry/logger';
import type { AsyncGeneratorInstrumentationConfig } from '../types';
import { listenToFacades, requireFromInstrumentation } from './import-hook';
import { isInternalThread } from './internal-thread';
import type { LoaderData, LoaderMessage } from './loader-thread';
import { onProcessExit } from './process-exit';
import { importInTheMiddleOptions, type Inclusion } from './should-include';
import { receiveFromThread, registrarName, seeImports, sourceSeen, useSource } from './source-mode';
import { registerSyncHooks } from './sync-hooks';

/**
 * Options of `registerImportHooks`: the same `targets`, `presets` and `baseDir` as the instrumentation has. `enabled: true`
 * registers them even where environment variables or the configuration file switch the instrumentation off. The
 * instrumentation's other options mean nothing here, and are no mistake: both may be given the same object.
 */
export type ImportHookOptions = Pick<
  AsyncGeneratorInstrumentationConfig,
  'targets' | 'presets' | 'baseDir' | 'enabled'
>;

const OPTIONS: readonly (keyof ImportHookOptions)[] = ['targets', 'presets', 'baseDir', 'enabled'];

let registered = false;

/**
 * Makes imports of the targets' ES modules visible to the instrumentation. Call it once, before anything imports them:
 * in the file that `--import` names. Own files are seen as source, which changes nothing of how they are imported. Modules whose
 * exports are traced (packages, and `[*]`) are wrapped, which freezes their live bindings, and no others;
 * of the files that a glob with wildcard selectors means, only those that hold an async generator. CommonJS
 * modules and core modules need no registration, however they are imported; nor do own files where Node has synchronous hooks.
 *
 * What `options` leave out is taken from environment variables and the configuration file, as the instrumentation does.
 *
 * Uses synchronous hooks where Node has them (22.22.3, 24.11.1, 26 and newer), else a loader thread.
 *
 * @param options the same `targets`, `presets` and `baseDir` that the instrumentation gets
 * @throws TypeError if an option is malformed, or there is none of that name
 * @example
 * const targets = ['it-map[default]', './src/**\/*.js'];
 * registerImportHooks({ targets });
 * new NodeSDK({ instrumentations: [new AsyncGeneratorInstrumentation({ targets })] }).start();
 */
export function registerImportHooks(options: ImportHookOptions = {}): void {
  const { config, isSwitchedOff } = completeConfig(options);
  const { targets, baseDir } = resolveConfig(config, OPTIONS);
  if (isSwitchedOff) return;
  const inclusions = targets.flatMap((target) => inclusionsOf(target, baseDir));
  const sources = targets.filter(seesSource);
  if (isInternalThread()) return;
  if (registered) {
    // Later, since the SDK, which brings the logger, is usually set up right after this.
    setImmediate(() => {
      logger.warn(
        'registerImportHooks was called before; pass all targets in one call, those of the second are not seen',
      );
    });
    return;
  }
  registered = true;
  // Core modules, and nothing else: nobody has to ask about every import.
  if (inclusions.length === 0 && sources.length === 0) return;
  useSource({ targets: sources.map((target) => new SourceTarget(target)) });
  const isSourceSeen = sources.length === 0 || seeImports();
  listenToFacades();
  const isRegistered = inclusions.length === 0 || registerSyncHooks(importInTheMiddleOptions(inclusions));
  if (isSourceSeen && isRegistered) return;
  const { port1, port2 } = new MessageChannel();
  listenTo(port1);
  const data: LoaderData = {
    createHook: urlOf(requireFromInstrumentation.resolve('import-in-the-middle/create-hook.mjs')),
    hook: urlOf(requireFromInstrumentation.resolve('import-in-the-middle/hook.mjs')),
    inclusions: isRegistered ? [] : inclusions,
    registrar: registrarName(),
    sources: isSourceSeen ? [] : sources.map((target) => toSourceTargetData(target, baseDir)),
    messages: port2,
  };
  Module.register(urlOf(loaderThreadFile()), { data, transferList: [port2] });
}

/** Hears what the loader thread has to say, be it at the end of the process. */
function listenTo(port: MessagePort): void {
  const hear = (message: LoaderMessage) => {
    if ('source' in message) sourceSeen(message.source);
    else if (message.silent) logger[message.level](message.text);
    else say(message.level, message.text);
  };
  port.on('message', hear);
  port.unref();
  const hearAll = () => {
    for (let left = receiveMessageOnPort(port); left !== undefined; left = receiveMessageOnPort(port)) {
      hear(left.message as LoaderMessage);
    }
  };
  receiveFromThread(hearAll);
  onProcessExit(hearAll);
}

const urlOf = (file: string) => pathToFileURL(file).href;

function inclusionsOf({ module, selectors, definitions }: Target, baseDir: string): Inclusion[] {
  switch (module.kind) {
    case 'builtin':
      return [];
    case 'file': {
      const file = { pattern: module.url, ...(module.glob && { glob: module.glob }) };
      const exported = selectors.filter((each) => !definitions.includes(each));
      const onlyGenerators = module.isGlob && exported.every(takesOwnGeneratorsOnly);
      const names = definitions.filter(({ isDefinitionOnly }) => !isDefinitionOnly).map(({ text }) => text);
      return [
        ...(exported.length > 0 ? [{ ...file, onlyGenerators }] : []),
        ...(names.length > 0 ? [{ ...file, onlyGenerators: false, unlessDefined: names }] : []),
        ...(definitions.some(({ text }) => text === '**')
          ? [{ ...file, onlyGenerators: true, onlyLowered: true }]
          : []),
      ];
    }
    case 'package': {
      if (selectors.every(({ isDefinitionOnly }) => isDefinitionOnly)) return [];
      const inclusions: Inclusion[] = [{ pattern: module.text, onlyGenerators: false }];
      if (/\.[cm]?[jt]s$/.test(module.subpath)) {
        const pattern = endOfUrl(`/node_modules/${module.text}`);
        inclusions.push({ pattern, onlyGenerators: false });
      }
      // By another name than its own: an alias of the importer's (`#feed`), a file: URL, a query.
      for (const file of installedEntryFiles(module, baseDir)) {
        inclusions.push({ pattern: endOfUrl(urlOf(file)), onlyGenerators: false, onlyFromOutside: true });
      }
      return inclusions;
    }
  }
}

/** Matches URLs that end with the path, up to a query or hash. */
function endOfUrl(path: string): RegExp {
  return new RegExp(`${path.replace(/[\\^$.*+?()[\]{}|]/g, '\\$&')}(?:[?#]|$)`);
}

/**
 * Whether a selector takes only what is written as an async generator in the module itself: a wildcard does. What is
 * named may be any function, and what lies further down (`ns.*`) may come from anywhere.
 */
function takesOwnGeneratorsOnly({ path, member, factory }: Selector): boolean {
  return factory === undefined && path.length === 1 && [...path, member].some((key) => key?.isWildcard);
}

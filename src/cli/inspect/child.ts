/**
 * The other side of `inspect`, in a process that `process.ts` starts: it runs the code of the modules that it loads, and what they print, or do
 * to their process, does no harm there.
 */
import * as fs from 'node:fs';
import Module = require('node:module');
import * as path from 'node:path';
import { setImmediate } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { types } from 'node:util';
import { OWN_FOLDER } from '../../own-files';
import { registerImportHooks } from '../../register-import-hooks';
import type {
  InspectRequest,
  ModuleFormat,
  Reply,
  Request,
  Resolution,
  ResolveRequest,
  SerializedError,
} from './model';
import { judge } from './propose';
import { surveyExports } from './survey';

/** What only an ES module in the working directory can do: resolve and import as the program there would. */
interface Importer {
  resolve(specifier: string): string;
  import(specifier: string): Promise<unknown>;
}

// Taken before anything else is loaded: modules change them.
const { exit, cwd } = process;
const { writeFileSync, renameSync, statSync, realpathSync } = fs;

/** @param replyFile where the answer goes: stdout is the module's */
export function main(request: Request, replyFile: string, importer: Importer): void {
  forgetConfiguration();
  let replied = false;
  const reply = (message: Reply) => {
    if (replied) return;
    replied = true;
    // A file that is there is whole.
    writeFileSync(`${replyFile}.part`, JSON.stringify(message));
    renameSync(`${replyFile}.part`, replyFile);
  };
  process.on('exit', (exitCode) => {
    reply({ status: 'exited', exitCode });
  });
  process.on('beforeExit', () => {
    reply({ status: 'unsettled' });
    exit(0);
  });
  const progress = { isLoaded: false };
  const answer =
    request.command === 'resolve' ? resolveAll(request, importer) : inspectModule(request, importer, progress);
  answer.then(
    (message) => {
      reply(message);
      exit(0);
    },
    (error: unknown) => {
      reply({ status: 'threw', ...progress, error: serializeError(error) });
      exit(0);
    },
  );
}

/** The instrumentation that is asked must not read this configuration. A preloaded one has done so already. */
function forgetConfiguration(): void {
  for (const name of Object.keys(process.env)) {
    if (/^OTEL_(?:INSTRUMENTATION_ASYNC_GENERATOR_|NODE_DISABLED_INSTRUMENTATIONS$)/.test(name)) {
      Reflect.deleteProperty(process.env, name);
    }
  }
}

const requireFromHere = () => Module.createRequire(path.join(cwd(), '[inspect]'));

function resolveAll({ specifiers }: ResolveRequest, importer: Importer): Promise<Reply> {
  const require = requireFromHere();
  const resolutions = specifiers.map((specifier): Resolution => ({
    require: attempt(() => require.resolve(specifier)),
    import: attempt(() => {
      const file = fileURLToPath(importer.resolve(specifier));
      if (!statSync(file, { throwIfNoEntry: false })?.isFile()) throw new Error(`there is no file ${file}`);
      return realpathSync(file);
    }),
  }));
  return Promise.resolve({ status: 'resolved', resolutions });
}

function attempt(resolve: () => string): Resolution['require'] {
  try {
    return resolve();
  } catch (error) {
    return serializeError(error);
  }
}

async function inspectModule(
  request: InspectRequest,
  importer: Importer,
  progress: { isLoaded: boolean },
): Promise<Reply> {
  const { module, file, specifier } = request;
  const baseDir = cwd();
  if (request.format === 'module') registerImportHooks({ targets: [{ module, exports: ['*'] }], baseDir });
  const loaded =
    request.format === 'module'
      ? await load(file, specifier, importer)
      : { format: request.format, exports: requireFromHere()(file) as unknown };
  progress.isLoaded = true;
  // Some modules add exports once they are loaded.
  await setImmediate();
  const survey = surveyExports(loaded.exports, loaded.format, file);
  return { status: 'inspected', format: loaded.format, ...judge(module, baseDir, survey) };
}

/** Compilers that NODE_OPTIONS preloads (tsx) make CommonJS of files that Node takes for ES modules. */
async function load(
  file: string,
  specifier: string,
  importer: Importer,
): Promise<{ format: ModuleFormat; exports: unknown }> {
  const namespace = await importer.import(specifier);
  const module = requireFromHere().cache[file];
  if (module === undefined || types.isModuleNamespaceObject(module.exports))
    return { format: 'module', exports: namespace };
  return { format: 'commonjs', exports: module.exports as unknown };
}

/** An exception in words. Never throws: modules throw the strangest things. */
export function serializeError(error: unknown): SerializedError {
  try {
    if (!(error instanceof Error)) return { message: `not an Error, but ${String(error)}` };
    const { code } = error as { code?: unknown };
    return {
      code: typeof code === 'string' ? code : undefined,
      message: `${error.name}: ${error.message}`,
      at: placeIn(String(error.stack)),
    };
  } catch {
    return { message: 'something that cannot be put into words' };
  }
}

/** Node's own code, and the hooks between it and the program. */
const isForeign = (line: string) => /[( ]node:|import-in-the-middle/.test(line) || line.includes(OWN_FOLDER + path.sep);

/** First line of the stack that is in a file of the program. */
function placeIn(stack: string): string | undefined {
  // The place of a syntax error is in front of the message.
  const inFront = /^(\/[^\n]+|file:[^\n]+|[A-Za-z]:\\[^\n]+):(\d+)\n/.exec(stack);
  if (inFront !== null) return `${inFront[1] as string}:${inFront[2] as string}`;
  const line = stack.split('\n').find((each) => /^\s+at .*(?:\/|\\)/.test(each) && !isForeign(each));
  return line && /(?:\(|at )((?:file:|\/|[A-Za-z]:\\).*?:\d+):\d+\)?$/.exec(line)?.[1];
}

/**
 * What a file of the program's own defines. The file is read, and not run.
 */
import * as fs from 'node:fs';
import * as path from 'node:path';
import { readDefinitions } from '../../watch/written';
import { fileCandidates, type FilePattern } from '../../targets/module-pattern';
import { whyNotFound } from '../../install/not-found';
import { holdsAsyncGenerator } from '../../source/text';
import { nameOfFile } from '../terminal';
import type { ModuleInspection } from './model';

interface NamedFiles {
  /** As the user wrote it. */
  readonly module: string;
  readonly pattern: FilePattern;
}

/** @returns for a glob, each file that may define an async generator */
export function inspectFiles({ module, pattern }: NamedFiles, cwd: string): ModuleInspection[] {
  if (!pattern.isGlob) {
    const file = fileCandidates(pattern.base).find((each) => fs.statSync(each, { throwIfNoEntry: false })?.isFile());
    if (file === undefined) return [{ module, entries: [], targets: {}, problem: whyNotFound(module, cwd, pattern) }];
    return [inspectFile(module, file)];
  }
  const matching = [...walk(pattern.base)].filter((file) => pattern.matches(file)).sort();
  // As the import hooks, this leaves out files that cannot hold an async generator.
  const files = matching.filter((file) => holdsAsyncGenerator(fs.readFileSync(file, 'utf8')));
  if (files.length > 0) return files.map((file) => inspectFile(nameOfFile(file, cwd), file));
  const message =
    matching.length === 0
      ? `no file below ${pattern.base} matches`
      : `none of the ${matching.length} files that match holds an async generator`;
  return [{ module, entries: [], targets: {}, problem: { code: 'not-found', message } }];
}

function inspectFile(module: string, file: string): ModuleInspection {
  try {
    const definitions = readDefinitions(file)
      .filter(({ isAsyncGenerator }) => isAsyncGenerator)
      .map(({ isAsyncGenerator: _isAsyncGenerator, ...definition }) => definition);
    const isTraced = definitions.some(({ isTraceable }) => isTraceable);
    // A path that ends in a bracket must have a list.
    const target = module.endsWith(']') ? `${module}[**]` : module;
    return { module, file, entries: [], definitions, targets: isTraced ? { generators: target } : {} };
  } catch (error) {
    const message = `it cannot be parsed: ${(error as Error).message}`;
    return { module, file, entries: [], targets: {}, problem: { code: 'unparsable', message } };
  }
}

function* walk(folder: string): Generator<string> {
  let entries: fs.Dirent[] = [];
  try {
    entries = fs.readdirSync(folder, { withFileTypes: true });
  } catch {
    // Missing, or not readable.
  }
  for (const entry of entries) {
    const file = path.join(folder, entry.name);
    if (entry.isDirectory() && entry.name !== 'node_modules') yield* walk(file);
    else if (entry.isFile()) yield file;
  }
}

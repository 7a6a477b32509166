/**
 * Why a module is not found, and what was probably meant.
 */
import * as fs from 'node:fs';
import { builtinModules, createRequire } from 'node:module';
import * as path from 'node:path';
import { nearest } from '../../patch/nearest';
import type { FilePattern, ModulePattern, PackagePattern } from '../../targets/module-pattern';
import type { Problem } from './report';
import type { Resolution } from './types';

/** As many names as a message has room for. */
const ENOUGH = 8;

export function whyNotFound(module: string, cwd: string, pattern?: ModulePattern, resolution?: Resolution): Problem {
  if (pattern?.kind === 'file') return notFound(whyNoFile(pattern));
  if (pattern?.kind === 'package') return whyNoPackage(pattern, cwd, resolution);
  const like = nearest(module.replace(/^node:/, ''), builtinModules);
  return notFound(`Node ${process.version} has no core module ${module}`, nearestNames(like));
}

function whyNoFile({ base }: FilePattern): string {
  const siblings = namesIn(path.dirname(base));
  if (siblings === undefined) return `there is no folder ${path.dirname(base)}`;
  return sentence(`there is no file ${base}`, nearestNames(nearest(path.basename(base), siblings)));
}

function whyNoPackage({ text, name, subpath }: PackagePattern, cwd: string, resolution?: Resolution): Problem {
  const isFile = fs.existsSync(path.resolve(cwd, text));
  const folders = createRequire(path.join(cwd, 'package.json')).resolve.paths(name) ?? [];
  const root = folders.map((folder) => path.join(folder, name)).find((folder) => fs.existsSync(folder));
  if (root === undefined) {
    const like = nearest(name, installedNames(folders));
    const hint = isFile ? `there is a file: did you mean ./${text}?` : nearestNames(like);
    return notFound(`no package ${name} is installed where ${cwd} would find it`, hint);
  }
  const manifest = readManifest(root);
  if (subpath !== '') {
    const subpaths = exportedSubpaths(manifest) ?? filesNear(root, subpath);
    const like = nearest(subpath, subpaths);
    const others = subpaths.filter((each) => !like.includes(each));
    const named = [...like, ...others].slice(0, ENOUGH).map((each) => `${name}/${each}`);
    const more = subpaths.length > named.length ? `, and ${subpaths.length - named.length} more` : '';
    const hint = named.length > 0 ? `it has ${named.join(', ')}${more}` : 'it has no sub-paths';
    return notFound(`${name} has no sub-path ${subpath}`, hint);
  }
  if (isTypesOnly(root, manifest)) {
    const message = `${name} has types only: there is no code in it to load, and nothing to trace`;
    return { code: 'nothing-to-load', message };
  }
  const { require: required, import: imported } = resolution ?? {};
  const reasons = [imported, required].flatMap((each) => (typeof each === 'object' ? [each.message] : []));
  const subpaths = exportedSubpaths(manifest) ?? [];
  const hint =
    subpaths.length > 0
      ? `it has ${subpaths
          .slice(0, ENOUGH)
          .map((each) => `${name}/${each}`)
          .join(', ')}`
      : undefined;
  return notFound(`${name} is installed in ${root}, but has no main entry (${reasons.join('; ')})`, hint);
}

const notFound = (what: string, hint?: string): Problem => ({ code: 'not-found', message: sentence(what, hint) });

const sentence = (what: string, hint: string | undefined) => (hint === undefined ? what : `${what}; ${hint}`);

const nearestNames = (names: readonly string[]) =>
  names.length > 0 ? `the nearest names are ${names.join(', ')}` : undefined;

/** Names of the packages in some node_modules folders. */
function installedNames(folders: readonly string[]): string[] {
  const names = folders.flatMap((folder) =>
    (namesIn(folder) ?? []).flatMap((entry) =>
      entry.startsWith('@') ? (namesIn(path.join(folder, entry)) ?? []).map((each) => `${entry}/${each}`) : [entry],
    ),
  );
  return [...new Set(names)].filter((name) => !name.startsWith('.'));
}

/** Undefined if there is no such folder. */
function namesIn(folder: string): string[] | undefined {
  try {
    return fs.readdirSync(folder);
  } catch {
    return undefined;
  }
}

function readManifest(root: string): Record<string, unknown> {
  try {
    return JSON.parse(fs.readFileSync(path.join(root, 'package.json'), 'utf8')) as Record<string, unknown>;
  } catch {
    return {};
  }
}

/** The sub-paths of an exports map, `*` and all; undefined without a map. */
function exportedSubpaths({ exports }: Record<string, unknown>): string[] | undefined {
  if (exports === undefined || exports === null) return undefined;
  if (typeof exports !== 'object') return [];
  return Object.entries(exports)
    .filter(([key, value]) => key.startsWith('./') && key !== './package.json' && value !== null)
    .map(([key]) => key.slice('./'.length));
}

/** Files in the folder that a sub-path points into. */
function filesNear(root: string, subpath: string): string[] {
  const folder = path.posix.dirname(subpath);
  const names = namesIn(path.join(root, folder)) ?? namesIn(root) ?? [];
  const prefix = folder === '.' || namesIn(path.join(root, folder)) === undefined ? '' : `${folder}/`;
  return names.filter((name) => /\.[cm]?js$/.test(name)).map((name) => prefix + name);
}

function isTypesOnly(root: string, { types, typings, main }: Record<string, unknown>): boolean {
  const hasTypes = types !== undefined || typings !== undefined || fs.existsSync(path.join(root, 'index.d.ts'));
  const hasMain = typeof main === 'string' && main !== '' && !/\.d\.[cm]?ts$/.test(main);
  return hasTypes && !hasMain;
}

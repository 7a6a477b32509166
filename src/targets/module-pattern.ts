/** The module part of a target: which modules it selects. */
import { isBuiltin } from 'node:module';
import fs = require('node:fs');
import path = require('node:path');
import { fileURLToPath, pathToFileURL } from 'node:url';
import { escapeRegExp } from '../base/foreign-text';
import { compileGlob, matches, type WildcardPattern } from './wildcards';

export type ModulePattern = BuiltinPattern | PackagePattern | FilePattern;

interface BuiltinPattern {
  readonly kind: 'builtin';
  /** As the user wrote it. */
  readonly text: string;
  /** Without `node:`, unless the module has no other name. This version of Node may not have it. */
  readonly name: string;
}

export interface PackagePattern {
  readonly kind: 'package';
  readonly text: string;
  readonly name: string;
  /** What follows the name, without a slash in front; empty for the package's main entry. */
  readonly subpath: string;
}

export interface FilePattern {
  readonly kind: 'file';
  readonly text: string;
  readonly isGlob: boolean;
  /** Absolute path with forward slashes; of a glob, the directory in front of the first wildcard, with one at the end. */
  readonly base: string;
  /** @param file absolute real path */
  matches(file: string): boolean;
  /** Matches the `file:` URLs of the same files; of a glob, of all files below the base but those in node_modules. */
  readonly url: RegExp;
  /** Which of those URLs a glob matches. */
  readonly glob: Glob | undefined;
}

export const MODULE_FORMS =
  'a package ("@aws-sdk/client-s3"), a sub-path or file of one ("@langchain/core/runnables"), a core module ' +
  '("node:timers/promises"), or a path or glob that starts with "./", "../", "/" or "file:" ("./src/**/*.js")';

// URLs have a colon, and paths on Windows a backslash.
const PACKAGE = /^((?:@[^\s/@*?{}[\]:\\]+\/)?[^\s/@.*?{}[\]:\\][^\s/@*?{}[\]:\\]*)(?:\/([^\s*?{}:\\]+))?$/;

// Core modules come and go with versions of Node: one that this version does not have need not be misspelt.
const UNKNOWN_BUILTIN = /^node:[^\s*?{}:\\]+$/;

/**
 * Parses the module part of a target.
 *
 * @param baseDir directory that relative paths start at
 * @returns undefined if `text` is not one of `MODULE_FORMS`
 */
export function parseModulePattern(text: string, baseDir: string): ModulePattern | undefined {
  if (text.startsWith('file:')) {
    try {
      return filePattern(text, fileURLToPath(text), baseDir);
    } catch {
      return undefined;
    }
  }
  if (/^\.{1,2}[\\/]/.test(text) || path.isAbsolute(text)) return filePattern(text, text, baseDir);
  if (isBuiltin(text) || UNKNOWN_BUILTIN.test(text)) {
    const name = text.replace(/^node:/, '');
    return { kind: 'builtin', text, name: isBuiltin(name) ? name : text };
  }
  const match = PACKAGE.exec(text);
  return match === null ? undefined : { kind: 'package', text, name: match[1] as string, subpath: match[2] ?? '' };
}

/** Extensions and index files that a path may leave out, as `require` lets it. */
const EXTENSIONS = ['.js', '.cjs', '.mjs', '.ts', '.cts', '.mts', '.jsx', '.tsx'];

/** Only these are wildcards: brackets and parentheses are ordinary in paths (`app/[slug]/(group)`). */
const WILDCARD = /[*?{]/;

function filePattern(text: string, file: string, baseDir: string): FilePattern {
  const absolute = path.resolve(baseDir, file);
  // The base directory is not part of the pattern: it may be called `{{app}}`.
  const written = toSlashes(path.relative(baseDir, absolute));
  return WILDCARD.test(written) && !fs.existsSync(absolute)
    ? globPattern(text, written, baseDir)
    : literalPattern(text, toSlashes(absolute));
}

/** @param written the pattern, from the base directory on */
function globPattern(text: string, written: string, baseDir: string): FilePattern {
  const start = written.lastIndexOf('/', written.search(WILDCARD)) + 1;
  // Node names modules by their real paths.
  const base = toSlashes(realpath(path.resolve(baseDir, written.slice(0, start)))).replace(/\/?$/, '/');
  const glob = { base, below: compileGlob(written.slice(start)) };
  // Several stages of a load ask about the same file, one after the other.
  let last: string | undefined;
  let isLastMatched = false;
  return {
    kind: 'file',
    text,
    isGlob: true,
    base,
    matches(file) {
      if (file !== last) isLastMatched = isInGlob(glob, file);
      last = file;
      return isLastMatched;
    },
    url: new RegExp(`^${escapeRegExp(pathToFileURL(base).href)}(?!(?:[^?#]*/)?node_modules/)`),
    glob,
  };
}

function literalPattern(text: string, file: string): FilePattern {
  const base = toSlashes(realpath(file));
  const candidates = new Set(fileCandidates(base).map((candidate) => toSlashes(realpath(candidate))));
  const urls = [...candidates].map((candidate) => escapeRegExp(pathToFileURL(candidate).href));
  return {
    kind: 'file',
    text,
    isGlob: false,
    base,
    matches: (candidate) => candidates.has(toSlashes(candidate)),
    url: new RegExp(`^(?:${urls.join('|')})(?:[?#]|$)`),
    glob: undefined,
  };
}

/** The files that a path may refer to: itself, or with what it leaves out. */
export function fileCandidates(file: string): string[] {
  return [file, ...EXTENSIONS.map((each) => file + each), ...EXTENSIONS.map((each) => `${file}/index${each}`)];
}

function realpath(file: string): string {
  try {
    return fs.realpathSync(file);
  } catch {
    return file;
  }
}

/** A glob as plain data, since the loader thread needs it, too. */
export interface Glob {
  /** Absolute path with forward slashes, one at the end: the directory in front of the first wildcard. */
  readonly base: string;
  /** Matches what follows the base in a path. */
  readonly below: WildcardPattern;
}

/** @param file absolute real path */
function isInGlob({ base, below }: Glob, file: string): boolean {
  const slashed = toSlashes(file);
  if (!slashed.startsWith(base)) return false;
  const relative = slashed.slice(base.length);
  return !/(?:^|\/)node_modules\//.test(relative) && matches(below, relative);
}

/** Matches the path and not the URL, in which `ä` is six characters, and `?` would have to match all of them. */
export function isUrlInGlob(glob: Glob, url: string): boolean {
  try {
    return isInGlob(glob, fileURLToPath(url));
  } catch {
    // Not the URL of a file.
    return false;
  }
}

const toSlashes = (file: string) => (path.sep === '\\' ? file.replaceAll('\\', '/') : file);

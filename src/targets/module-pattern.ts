/**
 * The module part of a target: which modules it means.
 */
import { isBuiltin } from 'node:module';
import fs = require('node:fs');
import path = require('node:path');
import { fileURLToPath, pathToFileURL } from 'node:url';
import picomatch = require('picomatch');

export type ModulePattern = BuiltinPattern | PackagePattern | FilePattern;

export interface BuiltinPattern {
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
  /** Absolute path with forward slashes; of a glob, the directory in front of the first wildcard. */
  readonly base: string;
  /** Whether a file (absolute real path) is meant. */
  matches(file: string): boolean;
  /** Matches the `file:` URLs of the same files. */
  readonly url: RegExp;
}

export const MODULE_FORMS =
  'a package ("@aws-sdk/client-s3"), a sub-path or file of one ("@langchain/core/runnables"), a core module ' +
  '("node:timers/promises"), or a path or glob that starts with "./", "../", "/" or "file:" ("./src/**/*.js")';

// A colon or a backslash is what URLs and the paths of Windows have.
const PACKAGE = /^((?:@[^\s/@*?{}[\]:\\]+\/)?[^\s/@.*?{}[\]:\\][^\s/@*?{}[\]:\\]*)(?:\/([^\s*?{}:\\]+))?$/;

// Core modules come and go with versions of Node: one that this version does not have is no mistake in the spelling.
const UNKNOWN_BUILTIN = /^node:[^\s*?{}:\\]+$/;

/**
 * Parses the module part of a target.
 *
 * @param baseDir directory that relative paths start at
 * @returns undefined if `text` is none of `MODULE_FORMS`
 */
export function parseModulePattern(text: string, baseDir: string): ModulePattern | undefined {
  if (text.startsWith('file:')) {
    try {
      return filePattern(text, fileURLToPath(text));
    } catch {
      return undefined;
    }
  }
  if (/^\.{1,2}[\\/]/.test(text) || path.isAbsolute(text)) return filePattern(text, path.resolve(baseDir, text));
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

const toSlashes = (file: string) => (path.sep === '\\' ? file.replaceAll('\\', '/') : file);

function filePattern(text: string, absolute: string): FilePattern {
  const slashed = toSlashes(absolute);
  return WILDCARD.test(slashed) && !fs.existsSync(absolute)
    ? globPattern(text, slashed)
    : literalPattern(text, slashed);
}

function globPattern(text: string, glob: string): FilePattern {
  const wildcard = glob.search(WILDCARD);
  const lexicalBase = glob.slice(0, glob.lastIndexOf('/', wildcard));
  // Node names modules by their real paths.
  const base = toSlashes(realpath(lexicalBase || '/')).replace(/\/?$/, '/');
  const rest = glob.slice(lexicalBase.length + 1).replace(/[[\]()!+@|^$]/g, '\\$&');
  const below = picomatch.makeRe(rest, { dot: true, strictSlashes: true });
  const baseUrl = escapeRegExp(pathToFileURL(base).href);
  // Between the base and the end of the URL's path, which is what the anchors mean here: every `^` and `$` that is neither
  // escaped nor the beginning of a character class.
  const tail = below.source
    .replace(/(?<![\\[])\^/g, () => `(?<=^${baseUrl})`)
    .replace(/(?<!\\)\$/g, () => '(?=[?#]|$)');
  return {
    kind: 'file',
    text,
    isGlob: true,
    base,
    matches(file) {
      const slashed = toSlashes(file);
      if (!slashed.startsWith(base)) return false;
      const relative = slashed.slice(base.length);
      return !isInNodeModules(relative) && below.test(relative);
    },
    url: new RegExp(`^${baseUrl}(?!(?:[^?#]*/)?node_modules/)${tail}(?:[?#]|$)`),
  };
}

const isInNodeModules = (relative: string) => /(?:^|\/)node_modules\//.test(relative);

function literalPattern(text: string, file: string): FilePattern {
  const base = toSlashes(realpath(file));
  const candidates = new Set([base]);
  for (const extension of EXTENSIONS) {
    candidates.add(toSlashes(realpath(base + extension)));
    candidates.add(toSlashes(realpath(`${base}/index${extension}`)));
  }
  const urls = [...candidates].map((candidate) => escapeRegExp(pathToFileURL(candidate).href));
  return {
    kind: 'file',
    text,
    isGlob: false,
    base,
    matches: (candidate) => candidates.has(toSlashes(candidate)),
    url: new RegExp(`^(?:${urls.join('|')})(?:[?#]|$)`),
  };
}

function realpath(file: string): string {
  try {
    return fs.realpathSync(file);
  } catch {
    return file;
  }
}

function escapeRegExp(text: string): string {
  return text.replace(/[\\^$.*+?()[\]{}|/-]/g, '\\$&');
}

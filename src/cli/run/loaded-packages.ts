import { isBuiltin } from 'node:module';
import { parseModulePattern } from '../../targets/module-pattern';

const SPECIFIER = /\b(?:from|import|require)\s*\(?\s*(['"])([^'"\n]+)\1/g;

/**
 * Names of the packages that a file loads itself, as far as its text says so.
 *
 * @example
 * packagesLoadedBy("import OpenAI from 'openai'; import 'node:fs';") // ['openai']
 */
export function packagesLoadedBy(text: string): string[] {
  const names = [...text.matchAll(SPECIFIER)].flatMap(([, , specifier = '']) => {
    // `#x` is a name within its own package.
    if (isBuiltin(specifier) || specifier.startsWith('#')) return [];
    const pattern = parseModulePattern(specifier, '/');
    return pattern?.kind === 'package' ? pattern.name : [];
  });
  return [...new Set(names)];
}

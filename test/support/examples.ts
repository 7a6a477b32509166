/**
 * The examples of a page, as its readers copy them.
 */
import * as fs from 'node:fs';
import * as path from 'node:path';
import { ROOT } from './child';

export function readPage(page: string): string {
  return fs.readFileSync(path.join(ROOT, page), 'utf8');
}

/**
 * The files that stand under a heading, before the next one of any level: blocks of code that say in their first line which
 * file they are.
 *
 * @param heading with its number signs: `## Install`
 */
export function filesOf(page: string, heading: string): Record<string, string> {
  const [, section] = readPage(page).split(`\n${heading}\n`);
  if (section === undefined) throw new Error(`${page} has no heading "${heading}"`);
  // Not "# " within a block: no example has a line of that kind.
  const [body = ''] = section.split(/\n#+ /);
  const files = [...body.matchAll(/^```js\n\/\/ (\S+)\n([^]*?)^```$/gm)].map(([, file, code]) => [file, code]);
  if (files.length === 0) throw new Error(`${page} has no example under "${heading}"`);
  return Object.fromEntries(files) as Record<string, string>;
}

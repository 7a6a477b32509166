// Puts the results into doc/performance.md, between two markers, and the plot beside it.
import { execFileSync } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { fileURLToPath } from 'node:url';
import { toMarkdown } from './markdown.mjs';
import { plot } from './plot.mjs';

const PAGE = fileURLToPath(new URL('../../doc/performance.md', import.meta.url));
const PLOT = fileURLToPath(new URL('../../doc/performance.svg', import.meta.url));
const BEGIN = '<!-- results: begin, written by npm run bench -- --markdown -->';
const END = '<!-- results: end -->';

export function updatePage(results) {
  const page = readFileSync(PAGE, 'utf8');
  const begin = page.indexOf(BEGIN);
  const end = page.indexOf(END);
  if (begin < 0 || end < begin) throw new Error(`${PAGE} lacks the markers\n${BEGIN}\n${END}`);
  writeFileSync(PAGE, `${page.slice(0, begin + BEGIN.length)}\n\n${toMarkdown(results)}\n\n${page.slice(end)}`);
  writeFileSync(PLOT, plot(results));
  format(PAGE);
}

/** Tables as the project's formatter would have them. */
function format(file) {
  const prettier = createRequire(import.meta.url).resolve('prettier/bin/prettier.cjs');
  execFileSync(process.execPath, [prettier, '--write', '--log-level=warn', file], { stdio: 'inherit' });
}

/**
 * The documents, and the blocks of code in them.
 */
import { readdirSync } from 'node:fs';
import * as path from 'node:path';
import { ROOT } from '../support/child';
import { readPage } from '../support/examples';

const pagesIn = (folder: string) =>
  readdirSync(path.join(ROOT, folder))
    .filter((name) => name.endsWith('.md'))
    .map((name) => path.posix.join(folder, name));

/** Those that are shipped, or that GitHub shows. */
export const PAGES = [
  'README.md',
  'CHANGELOG.md',
  'CONTRIBUTING.md',
  'SECURITY.md',
  'examples/README.md',
  ...pagesIn('doc'),
];

export interface Block {
  readonly page: string;
  /** Where it begins: `doc/api.md:37`. */
  readonly place: string;
  /** After the three backticks. */
  readonly language: string;
  readonly text: string;
  /** Its first line, by which tests name it: line numbers change. */
  readonly first: string;
  /** The part of the page that it is in. */
  readonly heading: string;
  /** The file that the first line names: `// setup.mjs`. */
  readonly file: string | undefined;
}

export const BLOCKS: readonly Block[] = PAGES.flatMap(blocksOf);

export const blocksIn = (...languages: readonly string[]) =>
  BLOCKS.filter(({ language }) => languages.includes(language));

function blocksOf(page: string): Block[] {
  const text = readPage(page);
  return Array.from(text.matchAll(/^```(.*)\n([^]*?)^```$/gm), ({ 1: language = '', 2: code = '', index }) => {
    const before = text.slice(0, index);
    const [first = ''] = code.split('\n');
    return {
      page,
      place: `${page}:${before.split('\n').length}`,
      language,
      text: code,
      first,
      heading: [...before.matchAll(/^#+ (.*)$/gm)].at(-1)?.[1] ?? '',
      file: /^\/\/ (\S+\.[cm]?[jt]sx?)$/.exec(first)?.[1],
    };
  });
}

import { expect } from 'chai';
import { readdirSync } from 'node:fs';
import * as path from 'node:path';
import { PRESET_NAMES } from '../../src/presets';
import { ROOT } from '../support/child';
import { filesOf, readPage } from '../support/examples';
import { createProject, type Project } from '../testing/project';
import { PAGES } from './blocks';

/** Wider ones cannot be read in the source, and need a scroll bar on a page. */
const WIDEST_TABLE = 120;

describe("README's quick start", () => {
  let project: Project;
  before(() => {
    project = createProject(filesOf('README.md', '## Quick start'));
  });
  after(() => project.dispose());

  it('prints the timeline that README shows, whatever the times are', async () => {
    const cli = path.join(ROOT, 'build/src/cli.js');
    const { status, stdout, stderr } = await project.run([cli, 'run', 'app.mjs'], { COLUMNS: '80' });
    expect(status, stderr).to.equal(0);
    expect(stdout).to.equal('A\nSTREAM\nTAKES\nITS\nTIME\n');
    const shown = /```text\n([^]*?)```/.exec(readPage('README.md'))?.[1] ?? '';
    const rows = (text: string) =>
      Array.from(text.matchAll(/^((?:└─ )?\w+) .*? (\d+) +[\d.]+ ms +(\w+)$/gm), ([, ...cells]) => cells.join(' '));
    expect(rows(shown)).to.have.lengthOf(4);
    expect(rows(stderr)).to.deep.equal(rows(shown));
    for (const line of shown.trim().split('\n').slice(-2)) expect(stderr).to.include(line);
  });

  it('has a span for each run under `register`, too, with its outcome, and those of the inner runs below the outer ones', async () => {
    const register = ['--import', 'opentelemetry-instrumentation-async-generator/register', 'app.mjs'];
    const { status, stdout, stderr } = await project.run(register, {
      OTEL_INSTRUMENTATION_ASYNC_GENERATOR_TARGETS: './**',
      OTEL_TRACES_EXPORTER: 'console',
      OTEL_METRICS_EXPORTER: 'none',
      OTEL_LOGS_EXPORTER: 'none',
    });
    expect(status, stderr).to.equal(0);
    const spans = stdout.split(/^\{$/m).slice(1);
    const valueOf = (span: string, pattern: RegExp) => pattern.exec(span)?.[1];
    const idOf = (span: string) => valueOf(span, /^ {2}id: '(\w+)'/m);
    const described = spans.map((span) => {
      const parentId = valueOf(span, /parentSpanContext: \{[^}]*spanId: '(\w+)'/);
      const parent = spans.find((other) => idOf(other) === parentId);
      const name = (of: string) => valueOf(of, /^ {2}name: '(\w+)'/m);
      return [name(span), valueOf(span, /'async_generator\.outcome': '(\w+)'/), parent && name(parent)];
    });
    expect(described).to.have.deep.members([
      ['shout', 'completed', undefined],
      ['words', 'completed', 'shout'],
      ['shout', 'returned', undefined],
      ['words', 'returned', 'shout'],
    ]);
  });
});

describe('README', () => {
  it('has at most 1,300 words', () => {
    expect(readPage('README.md').split(/\s+/).filter(Boolean).length).to.be.at.most(1300);
  });

  it('names every preset that there is, in one line', () => {
    const lines = Array.from(
      readPage('README.md').matchAll(/^- ✓ (`[^\n]*`(?:, `[^\n]*`)+)$/gm),
      ([, line = '']) => line,
    );
    expect(lines).to.have.lengthOf(1);
    expect(lines[0]?.split(', ')).to.deep.equal(PRESET_NAMES.map((name) => `\`${name}\``));
  });
});

describe('the documents', () => {
  it('are all checked', () => {
    const folders = ['.', 'doc', 'examples'];
    const found = folders.flatMap((folder) =>
      readdirSync(path.join(ROOT, folder))
        .filter((name) => name.endsWith('.md'))
        .map((name) => path.posix.join(folder, name)),
    );
    expect(PAGES).to.have.members(found);
  });

  for (const page of PAGES) {
    it(`${page} links to pages, and to headings on them, that there are`, () => {
      for (const [, file = '', anchor] of readPage(page).matchAll(/\]\(([^)#:\s]*)(?:#([^)\s]+))?\)/g)) {
        const target = file === '' ? page : path.posix.join(path.posix.dirname(page), file);
        const text = readPage(target);
        if (anchor === undefined || !target.endsWith('.md')) continue;
        const headings = Array.from(text.matchAll(/^#+ (.+)$/gm), ([, heading = '']) =>
          heading
            .toLowerCase()
            .replace(/[^\p{L}\p{N} _-]/gu, '')
            .replaceAll(' ', '-'),
        );
        expect(headings, `${page}: ${target}`).to.include(anchor);
      }
    });

    it(`${page} has tables of at most ${WIDEST_TABLE} columns, each with a name for each of its columns`, () => {
      const rows = readPage(page)
        .split('\n')
        .map((row, index, all) => ({
          row,
          line: index + 1,
          isFirst: !all[index - 1]?.startsWith('|'),
          next: all[index + 1],
        }))
        .filter(({ row }) => row.startsWith('|'));
      for (const { row, line, isFirst, next } of rows) {
        expect(row.length, `${page}:${line} is a row for a list`).to.be.at.most(WIDEST_TABLE);
        if (!isFirst) continue;
        expect(next, `${page}:${line} is no head of a table`).to.match(/^\|(?: :?-+:? \|)+$/);
        expect(row, `${page}:${line} has a column without a name`).to.match(/^\|(?: *[^\s|][^|]*\|)+$/);
      }
    });
  }
});

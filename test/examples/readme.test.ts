import { expect } from 'chai';
import { readdirSync } from 'node:fs';
import * as path from 'node:path';
import { ROOT } from '../support/child';
import { filesOf, readPage } from '../support/examples';
import { createProject, type Project } from '../testing/project';

const PAGES = ['README.md', ...readdirSync(path.join(ROOT, 'doc')).filter((name) => name.endsWith('.md'))].map(
  (name) => (name === 'README.md' ? name : `doc/${name}`),
);

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
});

describe('the documents', () => {
  it('begin with a README of at most 1,300 words', () => {
    expect(readPage('README.md').split(/\s+/).filter(Boolean).length).to.be.at.most(1300);
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
  }
});

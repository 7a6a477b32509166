import { expect } from 'chai';
import * as fs from 'node:fs';
import * as path from 'node:path';
import { ROOT } from '../support/child';

/** As GitHub makes it of a heading. */
const anchorOf = (heading: string) =>
  heading
    .toLowerCase()
    .replace(/[^\p{L}\p{N}\s_-]/gu, '')
    .replace(/\s/g, '-');

describe('the documentation of the command line', () => {
  it('links to headings that it has', () => {
    const text = fs.readFileSync(path.join(ROOT, 'doc/command-line.md'), 'utf8');
    const anchors = [...text.matchAll(/^#+ (.*)$/gm)].map(([, heading]) => anchorOf(heading as string));
    const links = [...text.matchAll(/\]\(#([^)]*)\)/g)].map(([, anchor]) => anchor as string);
    expect(links).not.to.deep.equal([]);
    expect(links.filter((link) => !anchors.includes(link))).to.deep.equal([]);
  });
});

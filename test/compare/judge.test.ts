/** The kit of `npm run compare`: whether its checks find what they are there to find, and nothing else. */
import { expect } from 'chai';
import { readFileSync } from 'node:fs';
import * as path from 'node:path';
import { ROOT, runNode } from '../support/child';

const ALWAYS = ['end', 'break', 'throw', 'abort', 'error', 'abandoned'];
const UNLESS_ABANDONED = ALWAYS.filter((exit) => exit !== 'abandoned');

/** By fault: which check finds it, and at which exits. */
const FAULTS: Record<string, Record<string, string[]>> = {
  'ends at once': { end: ALWAYS },
  'ends before the finally': { end: ['break', 'throw'] },
  'never ends': { once: ALWAYS },
  'two spans': { once: UNLESS_ABANDONED },
  'loses the error': { end: ['abort', 'error'] },
  'break is an error': { end: ['break', 'throw'] },
  'forgets abandoned runs': { once: ['abandoned'] },
  'drops return()': { same: ['break', 'throw'] },
  'drops throw()': { same: ['end'] },
  'one tick more': { ticks: ALWAYS },
  'no context': { nesting: ALWAYS },
  'changes the consumer’s context': { nesting: ALWAYS },
  leaks: { memory: ALWAYS },
};

async function resultOf<T>(script: string): Promise<T> {
  const { status, stdout, stderr } = await runNode(['--expose-gc', path.join(__dirname, script)]);
  expect(status, stderr).to.equal(0);
  return JSON.parse(stdout) as T;
}

describe('the comparison with other packages', () => {
  describe('wrappers with one fault', () => {
    let found: typeof FAULTS;
    before(async () => {
      found = await resultOf('judge.mjs');
    });

    it('finds nothing wrong with the wrapper that has none', () => {
      expect(found.none).to.deep.equal({});
    });
    for (const [fault, checks] of Object.entries(FAULTS)) {
      it(`finds the one that ${fault} by one check`, () => {
        expect(found[fault]).to.deep.equal(checks);
      });
    }
  });

  describe('this package', () => {
    let ours: {
      failures: string[];
      exits: Record<string, Record<string, unknown>>;
      pinned: string[];
      names: string[];
    };
    before(async () => {
      ours = await resultOf('ours.mjs');
    });

    it('passes every check at every exit', () => {
      expect(ours.failures).to.deep.equal([]);
      const outcomes = Object.entries(ours.exits).flatMap(([exit, checks]) =>
        Object.entries(checks).map(([check, outcome]) => ({ exit, check, outcome })),
      );
      expect(outcomes.filter(({ outcome }) => outcome !== true)).to.deep.equal([]);
      expect(outcomes).to.have.length(7 * 6);
    });

    it('is on a page with the others, in the versions that are pinned', () => {
      const page = readFileSync(path.join(ROOT, 'doc/comparison.md'), 'utf8');
      expect(ours.pinned.filter((version) => !page.includes(version))).to.deep.equal([]);
      expect(ours.names.filter((name) => !page.includes(`### ${name}\n`))).to.deep.equal([]);
    });

    it('has tables that fit on a screen', () => {
      const page = readFileSync(path.join(ROOT, 'doc/comparison.md'), 'utf8');
      expect(page.split('\n').filter((line) => line.startsWith('|') && line.length > 120)).to.deep.equal([]);
    });
  });
});

import { expect, use } from 'chai';
import { spanSnapshots } from '../../src/testing';

use(spanSnapshots);

/**
 * The texts are the same, and that of the running test's snapshot. One snapshot for all, so that a reviewer reads a change
 * once.
 *
 * @param texts spans as `formatSpans` shows them, by what they came from or through
 */
export async function expectOneSnapshot(texts: ReadonlyMap<string, string>): Promise<void> {
  const [first] = texts;
  if (first === undefined)
    throw new Error('no spans to compare: they come from the suites before this one, so select those as well');
  const [name, expected] = first;
  for (const [other, text] of texts) expect(text, `spans ${other}, compared with those ${name}`).to.equal(expected);
  await expect(expected).to.matchSpanSnapshot();
}

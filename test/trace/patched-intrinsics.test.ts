import * as path from 'node:path';
import { expect } from 'chai';
import { runNode } from '../support/child';

describe('intrinsics that a program has patched', function () {
  this.timeout(120_000);

  it('throw no error of theirs out of a call or a pull that would not throw it untraced', async () => {
    const { status, stdout, stderr } = await runNode([path.join(__dirname, 'support/poison.cjs')]);
    expect({ status, stderr }).to.deep.equal({ status: 0, stderr: '' });
    const { tried, wrong } = JSON.parse(stdout) as { tried: number; wrong: string[] };
    expect(wrong).to.deep.equal([]);
    expect(tried).to.be.above(500);
  });
});

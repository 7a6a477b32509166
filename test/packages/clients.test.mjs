/**
 * Clients that Stainless and Fern generate and that no preset knows, as plain targets: their promises are known by their shape.
 */
import { expect } from 'chai';
import { before, describe, it } from 'mocha';
import { execFile } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';

const program = fileURLToPath(new URL('./support/clients.cjs', import.meta.url));

const STAINLESS = ['groq-sdk', 'together-ai', '@cerebras/cerebras_cloud_sdk', '@letta-ai/letta-client'];
const FERN = ['cohere-ai', '@elevenlabs/elevenlabs-js'];
const WAYS = new Map([
  ...STAINLESS.map((name) => [name, ['awaited', 'parse', 'withResponse', 'asResponse', 'left']]),
  ...FERN.map((name) => [name, ['awaited', 'withRawResponse', 'left']]),
]);

describe('generated clients without a preset', () => {
  let result;
  before(async () => {
    const { NODE_OPTIONS: _inherited, ...env } = process.env;
    const { stdout } = await promisify(execFile)(process.execPath, ['--expose-gc', program], { env, timeout: 50_000 });
    result = JSON.parse(stdout);
  });

  it('are reported as patched', () => {
    const statuses = result.report.map(({ target, status, message }) => ({ target, status, message }));
    expect(statuses).to.have.lengthOf(WAYS.size);
    for (const each of statuses) expect(each).to.include({ status: 'patched', message: undefined });
  });

  for (const [name, ways] of WAYS) {
    for (const way of ways) {
      const outcome = way === 'left' ? 'returned' : 'completed';
      it(`${name}: a stream that is ${way === 'left' || way === 'awaited' ? way : `had by ${way}()`} ends ${outcome}`, () => {
        const { runs } = result.seen.find((each) => each.name === name && each.way === way);
        expect(runs).to.deep.equal([outcome]);
      });
    }
  }
});

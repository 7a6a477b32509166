/**
 * OpenTelemetry's own instrumentation of `openai`, beside ours with the preset, in both orders and on both lines of OpenTelemetry.
 */
import { expect } from 'chai';
import { before, describe, it } from 'mocha';
import { execFile } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { nodeFile } from '../../scripts/nodes.mjs';

const program = fileURLToPath(new URL('./support/beside-openai.cjs', import.meta.url));
const line3 = fileURLToPath(new URL('./line-3', import.meta.url));

const LINES = [
  { title: 'OpenTelemetry 2.x', node: process.execPath, args: [] },
  { title: 'OpenTelemetry 3.x, Node 24', node: nodeFile(24), args: [line3] },
];

for (const { title, node, args } of LINES) {
  for (const first of ['ours', 'theirs']) {
    describe(`@opentelemetry/instrumentation-openai, ${title}, ${first} first`, () => {
      let result;
      before(async () => {
        const { NODE_OPTIONS: _inherited, ...env } = process.env;
        const { stdout } = await promisify(execFile)(node, [program, first, ...args], { env, timeout: 50_000 });
        result = JSON.parse(stdout);
      });

      it('is reported as patched', () => {
        const { report } = result;
        expect(report).to.not.be.empty;
        for (const { target, status } of report) {
          // The files of a helper in both formats: the program requires it.
          expect({ target, status }).to.include({ status: target.includes('.mjs[') ? 'not-loaded' : 'patched' });
        }
      });

      it('leaves ours its spans, from the turn in which openai is loaded on, and whatever is switched', () => {
        for (const { when, isOn, ours } of result.seen) {
          expect(ours, when).to.deep.equal(isOn.ours ? ['completed', 'returned'] : []);
        }
      });

      it('leaves to it what there is to say of the model, in spans and in metrics', () => {
        for (const { when, isOn, described, durations } of result.seen) {
          expect(described, when).to.equal(isOn.ours && !isOn.theirs ? 2 : 0);
          const ofTheirs = isOn.theirs ? ['gen_ai.client.operation.duration'] : [];
          const ofOurs = isOn.ours && !isOn.theirs ? ['gen_ai.client.inference.duration'] : [];
          expect(durations, when).to.have.members([...ofTheirs, ...ofOurs]);
        }
      });

      // Of two calls: its span of a stream that is left does not end, with or without us.
      it('has its own spans', () => {
        for (const { when, isOn, theirs } of result.seen) expect(theirs, when).to.equal(isOn.theirs ? 1 : 0);
      });
    });
  }
}

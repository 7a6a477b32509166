/**
 * The SDK that register starts has metrics and logs, which have to be out when the process has ended.
 */
import { expect } from 'chai';
import { describe, it } from 'mocha';
import { LINES } from '../support/suites.mjs';
import { withoutInternalFrames } from './support/program.mjs';
import { REGISTER, useLine } from './support/suite.mjs';

for (const line of LINES) {
  describe(`${line.title}, metrics and logs`, () => {
    const suite = useLine(line);

    it('sends the metrics of instrumentations at the end', async () => {
      const untraced = await suite.runUntraced(['app.mjs']);
      const env = { OTEL_NODE_ENABLED_INSTRUMENTATIONS: 'http,runtime-node' };
      expect(await suite.run(['--import', REGISTER, 'app.mjs'], { env })).to.deep.equal(untraced);
      const names = suite.collector.metrics.map(({ name }) => name);
      expect(names).to.include.members(['http.client.request.duration', 'http.server.request.duration']);
      expect(names.filter((name) => /^(?:nodejs|v8js)\./.test(name))).not.to.be.empty;
      expect(new Set(names), 'each once').to.have.length(names.length);
    });

    for (const end of ['by itself', 'exit', 'throw']) {
      it(`sends the log records, and the metrics of runs, of a process that ends so: ${end}`, async () => {
        const untraced = await suite.runUntraced(['log.cjs'], { env: { APP_END: end } });
        const traced = await suite.run(['--require', REGISTER, 'log.cjs'], { env: { APP_END: end } });
        expect(withoutInternalFrames(traced)).to.deep.equal(withoutInternalFrames(untraced));
        expect(traced.status).to.equal({ 'by itself': 0, exit: 7, throw: 1 }[end]);
        expect(suite.collector.logs.map(({ body }) => body)).to.deep.equal(['item 1', 'item 2']);
        expect(suite.spanTree()).to.deep.equal(['count completed 2']);
        const ofRuns = suite.collector.metrics.filter(({ name }) => name === 'async_generator.run.duration');
        expect(ofRuns, 'once').to.have.length(1);
      });
    }
  });
}

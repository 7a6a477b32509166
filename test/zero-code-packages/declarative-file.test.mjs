/**
 * OTEL_CONFIG_FILE: the SDK and this package, configured by one file. Its exporter is made again in the export thread.
 */
import { expect } from 'chai';
import { describe, it } from 'mocha';
import { LINES } from '../support/suites.mjs';
import { withoutInternalFrames } from './support/program.mjs';
import { INTERRUPTED, PAGES, REGISTER, useLine } from './support/suite.mjs';

const ENDS = [
  { end: '', title: 'by itself', ended: { status: 0, signal: null } },
  { end: 'exit', title: 'with process.exit(7)', ended: { status: 7, signal: null } },
  { end: 'throw', title: 'with an uncaught error', ended: { status: 1, signal: null } },
  { end: 'wait', title: 'by SIGTERM', ended: { status: null, signal: 'SIGTERM' } },
];

for (const line of LINES) {
  describe(`${line.title}, OTEL_CONFIG_FILE`, () => {
    const suite = useLine(line);
    const start = async (args, end, env) => {
      const program = suite.start(args, { env: { APP_END: end, ...env } });
      if (end === 'wait') {
        await program.prints('waiting');
        program.kill('SIGTERM');
      }
      return program.ended;
    };

    for (const app of ['app.cjs', 'app.mjs']) {
      for (const { end, title, ended } of ENDS) {
        it(`sends the spans of a process that ends ${title}: ${app}`, async () => {
          const fromFile = {
            OTEL_CONFIG_FILE: './otel.yaml',
            COLLECTOR_URL: suite.collector.url,
            // What the file says counts.
            OTEL_EXPORTER_OTLP_ENDPOINT: undefined,
            OTEL_INSTRUMENTATION_ASYNC_GENERATOR_TARGETS: undefined,
          };
          const untraced = await start([app], end, { OTEL_SDK_DISABLED: 'true' });
          expect(untraced).to.include(ended);
          const traced = await start(['--import', REGISTER, app], end, fromFile);
          expect(withoutInternalFrames(traced)).to.deep.equal(withoutInternalFrames(untraced));
          expect(suite.spanTree()).to.deep.equal(end === 'wait' ? INTERRUPTED : PAGES);
          for (const { name, service } of suite.collector.spans) expect(service, name).to.equal('set-by-file');
        });
      }
    }
  });
}

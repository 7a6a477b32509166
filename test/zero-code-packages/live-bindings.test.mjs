/**
 * import-in-the-middle freezes the live bindings of the modules that it wraps: only those that a target means.
 */
import { expect } from 'chai';
import { describe, it } from 'mocha';
import { LINES } from '../support/suites.mjs';
import { REGISTER, useLine } from './support/suite.mjs';

const CASES = [
  { title: 'a file', targets: './count.mjs' },
  { title: 'a glob that means the module too, in which there is no generator', targets: './**' },
  { title: 'a package', targets: 'it-all[default];./count.mjs' },
];

for (const line of LINES) {
  describe(`${line.title}, live bindings`, () => {
    const suite = useLine(line);

    for (const { title, targets } of CASES) {
      for (const flag of ['--import', '--require']) {
        it(`stay live in a module that no target names: ${title}, all presets, ${flag}`, async () => {
          const untraced = await suite.runUntraced(['live-bindings.mjs']);
          expect(untraced).to.deep.equal({ status: 0, signal: null, stdout: '1 1 1\n2 2 2\n3 3 3\n', stderr: '' });
          const traced = await suite.run([flag, REGISTER, 'live-bindings.mjs'], {
            env: {
              OTEL_INSTRUMENTATION_ASYNC_GENERATOR_TARGETS: targets,
              OTEL_INSTRUMENTATION_ASYNC_GENERATOR_PRESETS: 'all',
              // One of the packages is not installed, which is told.
              OTEL_LOG_LEVEL: 'error',
            },
          });
          expect(traced).to.deep.equal(untraced);
          expect(suite.spanTree()).to.deep.equal(['count completed 3', 'timers/promises.setInterval returned 1']);
        });
      }
    }
  });
}

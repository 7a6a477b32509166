/**
 * Where nobody has installed an SDK.
 */
import { expect } from 'chai';
import { before, describe, it } from 'mocha';
import { cpSync, mkdirSync, writeFileSync } from 'node:fs';
import * as path from 'node:path';
import { nodeFile } from '../../scripts/nodes.mjs';
import { npm, QUIET } from '../../scripts/packed-package.mjs';
import { LINES } from '../support/suites.mjs';
import { runProgram } from './support/program.mjs';
import { projectOf, REGISTER } from './support/suite.mjs';

const INSTALL = {
  20: 'npm install @opentelemetry/api@1.9 @opentelemetry/sdk-node@0.223',
  24: 'npm install @opentelemetry/api @opentelemetry/sdk-node',
};

for (const line of LINES) {
  describe(`${line.title}, without an SDK`, () => {
    const cwd = `${projectOf(line)}-without-sdk`;

    before(() => {
      mkdirSync(cwd, { recursive: true });
      cpSync(new URL('./apps', import.meta.url), cwd, { recursive: true });
      writeFileSync(path.join(cwd, 'package.json'), JSON.stringify({ name: 'without-sdk', private: true }));
      npm(['install', '--no-save', '--prefer-offline', ...QUIET, process.env.ZERO_CODE_TARBALL], {
        cwd,
        major: line.major,
      });
    });

    for (const app of ['app.cjs', 'app.mjs']) {
      for (const flag of ['--import', '--require']) {
        it(`says in one line what to install, and lets the application run on: ${app}, ${flag}`, async () => {
          for (const end of ['', 'exit']) {
            const env = { APP_END: end, OTEL_INSTRUMENTATION_ASYNC_GENERATOR_TARGETS: './**' };
            const untraced = await runProgram(nodeFile(line.major), [app], { cwd, env });
            const traced = await runProgram(nodeFile(line.major), [flag, REGISTER, app], { cwd, env });
            expect(traced).to.deep.equal({
              ...untraced,
              stderr: `opentelemetry-instrumentation-async-generator: Nothing is traced, since there is no OpenTelemetry SDK. Install it: ${INSTALL[line.major]}\n`,
            });
          }
        });
      }
    }
  });
}

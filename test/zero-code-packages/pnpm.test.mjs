/**
 * pnpm's layout: every package sees only what it depends on, and nothing is hoisted.
 */
import { expect } from 'chai';
import { before, describe, it } from 'mocha';
import { execFileSync } from 'node:child_process';
import { cpSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import * as path from 'node:path';
import { nodeFile } from '../../scripts/nodes.mjs';
import { LINES } from '../support/suites.mjs';
import { runProgram } from './support/program.mjs';
import { PAGES, projectOf, REGISTER, useLine } from './support/suite.mjs';

for (const line of LINES) {
  describe(`${line.title}, installed by pnpm`, () => {
    const suite = useLine(line);
    const cwd = `${projectOf(line)}-by-pnpm`;

    before(function () {
      this.timeout(300_000);
      const pnpm = path.join(suite.cwd, 'node_modules/pnpm/bin/pnpm.cjs');
      const { dependencies } = JSON.parse(readFileSync(path.join(suite.cwd, 'package.json'), 'utf8'));
      dependencies['opentelemetry-instrumentation-async-generator'] = `file:${process.env.ZERO_CODE_TARBALL}`;
      mkdirSync(cwd, { recursive: true });
      cpSync(new URL('./apps', import.meta.url), cwd, { recursive: true });
      writeFileSync(path.join(cwd, 'package.json'), JSON.stringify({ name: 'by-pnpm', private: true, dependencies }));
      writeFileSync(path.join(cwd, '.npmrc'), 'hoist=false\npublic-hoist-pattern=\n');
      execFileSync(
        nodeFile(line.major),
        [pnpm, 'install', '--prefer-offline', '--ignore-scripts', '--no-frozen-lockfile'],
        {
          cwd,
          stdio: 'pipe',
        },
      );
    });

    it('has one copy of the API', () => {
      const copies = readdirSync(path.join(cwd, 'node_modules/.pnpm')).filter((name) =>
        name.startsWith('@opentelemetry+api@'),
      );
      expect(copies).to.have.length(1);
    });

    for (const app of ['app.cjs', 'app.mjs']) {
      for (const flag of ['--import', '--require']) {
        it(`traces each run and each request once: ${app}, ${flag}`, async () => {
          const untraced = await runProgram(suite.node, [app], { cwd });
          expect(await suite.run([flag, REGISTER, app], { cwd })).to.deep.equal(untraced);
          expect(suite.spanTree()).to.deep.equal(PAGES);
        });
      }
    }
  });
}

/**
 * Each case of each scenario runs in four processes: loaded with `require` and with `import`, untraced and traced. The
 * untraced program says what is right.
 */
import { expect } from 'chai';
import { before, describe, it } from 'mocha';
import { execFile } from 'node:child_process';
import { readdirSync } from 'node:fs';
import { createRequire } from 'node:module';
import { connect } from 'node:net';
import { fileURLToPath } from 'node:url';

const require = createRequire(import.meta.url);
const scenarioNames = readdirSync(new URL('./scenarios', import.meta.url)).map((file) => file.replace('.cjs', ''));

function runChild(entry, scenario, traced) {
  const file = fileURLToPath(new URL(`./support/${entry}`, import.meta.url));
  const { NODE_OPTIONS: _inherited, ...env } = process.env;
  return new Promise((resolve, reject) => {
    execFile(
      process.execPath,
      [file, scenario],
      { env: { ...env, NODE_NO_WARNINGS: '1', TRACED: traced ? '1' : '0' }, timeout: 50_000 },
      (error, stdout, stderr) => {
        if (error !== null) reject(new Error(`${entry} ${scenario} ended with ${error.code}: ${stderr}${stdout}`));
        else resolve({ ...JSON.parse(stdout), stderr });
      },
    );
  });
}

/** Whether something listens on the port of this machine. */
function answers(port) {
  return new Promise((resolve) => {
    const socket = connect(port, '127.0.0.1');
    socket.once('connect', () => {
      socket.destroy();
      resolve(true);
    });
    socket.once('error', () => {
      resolve(false);
    });
  });
}

for (const name of scenarioNames) {
  const scenario = require(`./scenarios/${name}.cjs`);
  for (const [format, entry] of [
    ['required', 'run.cjs'],
    ['imported', 'run.mjs'],
  ]) {
    describe(`${scenario.title ?? scenario.specifier}, ${format}`, () => {
      let untraced;
      let traced;

      before(async function () {
        if (scenario.service !== undefined && !(await answers(scenario.service.port))) {
          const reason = `${scenario.service.name} does not answer on 127.0.0.1:${scenario.service.port}`;
          if (process.env.OTEL_ASYNC_GENERATOR_TEST_SERVICES) throw new Error(reason);
          console.log(`      skipped: ${reason}`);
          this.skip();
        }
        untraced = await runChild(entry, name, false);
        traced = await runChild(entry, name, true);
      });

      it('reports every target as patched, without a warning', () => {
        // A preset knows more than one package.
        const loaded = traced.report.filter(({ preset, status }) => preset === undefined || status !== 'not-loaded');
        const statuses = loaded.map(({ target, status, message }) => ({ target, status, message }));
        expect(statuses).to.not.be.empty;
        for (const each of statuses) expect(each).to.include({ status: 'patched', message: undefined });
        expect(traced.stderr).to.equal(untraced.stderr);
      });

      for (const [title, { spans }] of Object.entries(scenario.cases)) {
        it(`${title}: the program sees what it sees untraced`, () => {
          expect(traced.cases[title].value).to.deep.equal(untraced.cases[title].value);
        });

        it(`${title}: exactly the right spans`, () => {
          expect(untraced.cases[title].spans).to.deep.equal([]);
          const { value, spans: actual } = traced.cases[title];
          expect(actual).to.have.deep.members(typeof spans === 'function' ? spans(value) : spans);
        });
      }
    });
  }
}

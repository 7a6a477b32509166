/**
 * OpenTelemetry's own instrumentations beside our presets, in both orders, on all exits but that of the process. A scenario
 * (support/exits/suite.mjs) has `beside: { workspace, name, children }`: the package of the other instrumentation, and its spans that are
 * made in pulls.
 */
import { expect } from 'chai';
import { before, describe, it } from 'mocha';
import { readdirSync } from 'node:fs';
import { createRequire } from 'node:module';
import * as path from 'node:path';
import { fileURLToPath } from 'node:url';
import { EXITS, exitsWithout, isAvailable, leaveInAllWays, nodeFor, suite } from './support/exits/suite.mjs';

const require = createRequire(import.meta.url);
const folder = new URL('./exits/', import.meta.url);

for (const name of readdirSync(folder)) {
  const file = fileURLToPath(new URL(name, folder));
  const scenario = require(file);
  if (scenario.beside !== undefined) describeBeside(scenario, file);
}

function describeBeside(scenario, file) {
  const { group, preset, service } = scenario;
  const { workspace, name, children } = scenario.beside;
  const without = exitsWithout(scenario, workspace);
  const exits = EXITS.filter((exit) => without[exit] === undefined);

  describe(`${name} beside the preset ${preset}: ${workspace}`, () => {
    let alone;
    let both;
    before(async function () {
      this.timeout(120_000);
      if (!(await isAvailable(service))) this.skip();
      const cwd = path.join(suite, group, workspace);
      const options = { file, workspace, exits, format: 'cjs', cwd, node: nodeFor(scenario, cwd) };
      [alone, ...both] = await Promise.all([
        leaveInAllWays({ ...options, isTraced: false, beside: { name, isFirst: true } }),
        leaveInAllWays({ ...options, isTraced: true, beside: { name, isFirst: true } }),
        leaveInAllWays({ ...options, isTraced: true, beside: { name, isFirst: false } }),
      ]);
    });

    for (const exit of exits) {
      it(`${exit}: has its own spans as if it were alone`, () => {
        const expected = theirs(alone.seen[exit]).map((span) => span.name);
        expect(expected).to.not.be.empty;
        for (const { seen } of both) {
          expect(seen[exit].printed).to.deep.equal(alone.seen[exit].printed);
          expect(theirs(seen[exit]).map((span) => span.name)).to.have.members(expected);
        }
      });

      it(`${exit}: the run has those that are made in its pulls`, () => {
        const { name: run } = scenario.spans(exit, workspace);
        for (const { seen } of both) {
          expect(seen[exit].spans.filter(({ isOurs }) => isOurs).map((span) => span.name)).to.deep.equal([run]);
          const inside = theirs(seen[exit]).filter((span) => children.includes(span.name));
          expect(inside.map(({ parent }) => parent)).to.deep.equal(inside.map(() => run));
          if (children.length > 0) expect(inside).to.not.be.empty;
        }
      });
    }
  });
}

const theirs = ({ spans }) => spans.filter(({ isOurs }) => !isOurs);

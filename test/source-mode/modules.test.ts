/**
 * ES modules that are seen as source are what they are without.
 */
import { expect } from 'chai';
import * as path from 'node:path';
import { PACKAGE_NAME } from '../../src/version';
import { runNode } from '../support/child';

const FIXTURES = path.join(__dirname, 'fixtures');

describe('ES modules that are seen as source', function () {
  this.timeout(60_000);

  const run = (program: string, targets?: string, args: readonly string[] = []) =>
    runNode([...(targets === undefined ? [] : ['--import', `${PACKAGE_NAME}/register`]), ...args, program], {
      cwd: FIXTURES,
      env: {
        OTEL_TRACES_EXPORTER: 'none',
        NODE_NO_WARNINGS: '1',
        ...(targets !== undefined && { OTEL_INSTRUMENTATION_ASYNC_GENERATOR_TARGETS: targets }),
      },
    });

  it('keep live bindings, one namespace object, circles, their URLs and the places in stacks', async () => {
    const [untraced, traced] = await Promise.all([run('transparent.mjs'), run('transparent.mjs', './*.mjs')]);
    expect(untraced.stdout.split('\n')).to.include('ReferenceError 2');
    expect(traced).to.deep.equal(untraced);
  });
});

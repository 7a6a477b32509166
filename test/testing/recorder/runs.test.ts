import { expect } from 'chai';
import * as path from 'node:path';
import { pathToFileURL } from 'node:url';
import { callsIn, captureCalls } from '../../../src/testing/recorder/runs';
import { ROOT } from '../../support/child';

describe('where a run was created', () => {
  it('is this line, by the names of the functions', () => {
    function readOrders() {
      return captureCalls();
    }
    const [first] = readOrders();
    expect(first).to.match(/^readOrders \(test\/testing\/recorder\/runs\.test\.ts:\d+:\d+\)$/);
  });

  it('is in the program: not in Node, OpenTelemetry, the runner or this package, as it runs and as source maps have it', () => {
    const at = (file: string, name = 'f') => `    at ${name} (${file}:1:2)`;
    const stack = [
      'Error: x',
      at(path.join(ROOT, 'src/base/reporter.ts')),
      at('node:internal/process/task_queues'),
      at('/app/node_modules/@opentelemetry/api/build/src/context.js'),
      at('/app/node_modules/mocha/lib/runnable.js'),
      at(path.join(process.cwd(), 'lib/a.js'), 'Feed.items'),
      `    at ${pathToFileURL(path.join(process.cwd(), 'lib/b.mjs')).href}:3:4`,
      `    at async ${path.join(process.cwd(), 'lib/c.js')}:5:6`,
      at('/app/node_modules/other/index.js', 'async g'),
      at('/app/later.js'),
    ].join('\n');
    expect(callsIn(stack)).to.deep.equal([
      'Feed.items (lib/a.js:1:2)',
      'lib/b.mjs:3:4',
      'lib/c.js:5:6',
      `async g (${path.relative(process.cwd(), '/app/node_modules/other/index.js')}:1:2)`,
    ]);
  });

  it('keeps the limit of stacks as it is, and lives with a program that has changed how they look', () => {
    const { stackTraceLimit, prepareStackTrace } = Error;
    Error.stackTraceLimit = 3;
    Error.prepareStackTrace = () => ({}) as string;
    try {
      expect(captureCalls()).to.deep.equal([]);
      expect(Error.stackTraceLimit).to.equal(3);
    } finally {
      Object.assign(Error, { stackTraceLimit, prepareStackTrace });
    }
  });
});

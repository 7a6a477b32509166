/**
 * The runners: how each is told what to do, and what it says.
 */
import { LINE_2, LINE_3 } from '../../support/suites.mjs';
import { PACKAGE } from './project.mjs';

const TESTING = `${PACKAGE}/testing`;

/** Generators that read each other, each in a module of its own: what a module calls within itself, no patch reaches. */
const COMMON_JS = {
  'src/orders.js': `const days = require('./days');
exports.readOrders = async function* readOrders(names) {
  for (const name of names) yield* days.readDay(name);
};
`,
  'src/days.js': `const hours = require('./hours');
exports.readDay = async function* readDay(name) {
  yield 'first';
  yield* hours.readHours(name);
};
`,
  'src/hours.js': `exports.readHours = async function* readHours(name) {
  yield 'second';
};
`,
};
const ES_MODULES = {
  'src/orders.js': `import { readDay } from './days.js';
export async function* readOrders(names) {
  for (const name of names) yield* readDay(name);
}
`,
  'src/days.js': `import { readHours } from './hours.js';
export async function* readDay(name) {
  yield 'first';
  yield* readHours(name);
}
`,
  'src/hours.js': `export async function* readHours(name) {
  yield 'second';
}
`,
};
const FORMAT = "{ exclude: ['code.*', 'async_generator.module.*'] }";

/** What the test \`reads\` records. */
export const TREE = `- readOrders [completed, 4 items]
  - readDay [completed, 2 items]
    - readHours [completed, 1 item]
  - readDay [completed, 2 items]
    - readHours [completed, 1 item]`;

/** The edit after which the innermost generators yield one item more. */
export const CHANGE = ['src/hours.js', "yield 'second';", "yield 'second'; yield 'third';"];

const files = (modules, testFile, preamble, match) => ({
  ...modules,
  [testFile]: `${preamble}
const read = async (...days) => { for await (const order of readOrders(days)); };
${match('reads', "await read('monday', 'tuesday');")}
${match('reads one day', "await read('monday');")}`,
});

const mocha = {
  name: 'mocha',
  testFile: 'test/orders.test.js',
  snapshot: 'test/__snapshots__/orders.test.js.snap',
  update: { args: [], env: { UPDATE_SNAPSHOTS: '1' } },
  parallel: [['--parallel', '--jobs', '2']],
  says: {
    written: '2 written',
    missing: 'there is no snapshot in test/__snapshots__/orders.test.js.snap',
    missingWithText: true,
    obsolete: '- test/__snapshots__/orders.test.js.snap: reads one day 1',
    removed: '1 removed',
  },
  files: files(
    COMMON_JS,
    'test/orders.test.js',
    `const chai = require('chai');
const { SpanRecorder, spanSnapshots } = require('${TESTING}');
chai.use(spanSnapshots);
const recorder = new SpanRecorder({ targets: ['./src/*.js'], format: ${FORMAT} });
const { readOrders } = require('../src/orders');
afterEach(() => recorder.reset());
after(() => recorder.shutdown());`,
    (title, body) => `it('${title}', async () => { ${body} await chai.expect(recorder).to.matchSpanSnapshot(); });`,
  ),
  run: (project, args, env) => project.run('mocha', ['--require', TESTING, ...args, 'test'], env),
};

const patchedByHand = (prefix) => `${prefix}
expect.addSnapshotSerializer(spanSerializer);
const recorder = new SpanRecorder({ format: ${FORMAT} });
for (const module of [orders, days, hours]) recorder.patch(module);
const { readOrders } = orders;
afterEach(() => recorder.reset());
afterAll(() => recorder.shutdown());`;
const toMatchSnapshot = (title, body) =>
  `test('${title}', async () => { ${body} await recorder.settled(); expect(recorder).toMatchSnapshot(); });`;

const vitest = {
  name: 'Vitest',
  testFile: 'test/orders.test.js',
  snapshot: 'test/__snapshots__/orders.test.js.snap',
  update: { args: ['--update'], env: {} },
  parallel: ['forks', 'threads', 'vmThreads', 'vmForks'].map((pool) => [`--pool=${pool}`, '--maxWorkers=2']),
  says: {
    written: '2 written',
    // All that Vitest says of it.
    missing: 'Snapshot `reads 1` mismatched',
    missingWithText: false,
    obsolete: '1 obsolete',
    removed: '1 removed',
  },
  files: files(
    ES_MODULES,
    'test/orders.test.js',
    patchedByHand(`import { afterAll, afterEach, expect, test } from 'vitest';
import { SpanRecorder, spanSerializer } from '${TESTING}';
import * as orders from '../src/orders.js';
import * as days from '../src/days.js';
import * as hours from '../src/hours.js';`),
    toMatchSnapshot,
  ),
  run: (project, args, env) => project.run('vitest', ['run', ...args], env),
};

const jest = {
  name: 'Jest',
  testFile: 'test/orders.test.js',
  snapshot: 'test/__snapshots__/orders.test.js.snap',
  update: { args: ['--updateSnapshot'], env: {} },
  parallel: [['--maxWorkers=2']],
  says: {
    written: '2 snapshots written',
    missing: 'New snapshot was not written',
    missingWithText: true,
    obsolete: '1 snapshot obsolete',
    removed: '1 snapshot removed',
  },
  files: files(
    COMMON_JS,
    'test/orders.test.js',
    patchedByHand(`const { SpanRecorder, spanSerializer } = require('${TESTING}');
const orders = require('../src/orders');
const days = require('../src/days');
const hours = require('../src/hours');`),
    toMatchSnapshot,
  ),
  run: (project, args, env) => project.run('jest', args, env),
};

const nodeTest = {
  name: 'node:test',
  testFile: 'test/orders.test.js',
  snapshot: 'test/orders.test.js.snapshot',
  // It writes nothing unless it is told to, wherever it runs.
  create: { args: ['--test-update-snapshots'], env: {} },
  update: { args: ['--test-update-snapshots'], env: {} },
  parallel: [['--test-concurrency=2']],
  says: {
    written: 'pass 2',
    missing: 'Missing snapshots can be generated',
    missingWithText: false,
    // It never tells of one; they go with the next update.
    obsolete: undefined,
    removed: 'pass 1',
  },
  files: files(
    COMMON_JS,
    'test/orders.test.js',
    `const { after, afterEach, test } = require('node:test');
const { formatSpans, SpanRecorder } = require('${TESTING}');
const recorder = new SpanRecorder({ targets: ['./src/*.js'], format: ${FORMAT} });
const { readOrders } = require('../src/orders');
afterEach(() => recorder.reset());
after(() => recorder.shutdown());`,
    (title, body) => `test('${title}', async (t) => {
  ${body} await recorder.settled(); t.assert.snapshot(recorder, { serializers: [formatSpans] });
});`,
  ),
  run: (project, args, env) => project.node(['--test', ...args], env),
};

/** Each runner with the lines and versions of Node that it is tested with. */
export const RUNNERS = [
  { runner: mocha, line: LINE_2 },
  { runner: mocha, line: LINE_3 },
  { runner: vitest, line: LINE_2 },
  { runner: vitest, line: LINE_3 },
  { runner: jest, line: LINE_2 },
  { runner: jest, line: LINE_3 },
  // Node 20 has no snapshots.
  { runner: nodeTest, line: LINE_2, major: 22 },
  { runner: nodeTest, line: LINE_3 },
];

export { jest, mocha, nodeTest, vitest };

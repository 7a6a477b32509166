/**
 * What the tests of one line share: its project, a collector, and programs that send to it.
 */
import { after, before, beforeEach } from 'mocha';
import * as path from 'node:path';
import { nodeFile } from '../../../scripts/nodes.mjs';
import { startCollector } from './collector.mjs';
import { runProgram, startProgram } from './program.mjs';
import { spanTree } from './span-tree.mjs';

export const REGISTER = 'opentelemetry-instrumentation-async-generator/register';
export const STOCK = '@opentelemetry/auto-instrumentations-node/register';

/** Where `run.mjs` has installed the project of a line. */
export function projectOf({ name }) {
  const folder = process.env.ZERO_CODE_PROJECTS;
  if (!folder) throw new Error('ZERO_CODE_PROJECTS is not set: start these tests with `npm run test:zero-code`');
  return path.join(folder, name);
}

/** Spans of `http` and nothing else from other instrumentations, and no questions to a cloud that is not there. */
const ENV = {
  OTEL_NODE_ENABLED_INSTRUMENTATIONS: 'http',
  OTEL_NODE_RESOURCE_DETECTORS: 'env',
  OTEL_INSTRUMENTATION_ASYNC_GENERATOR_TARGETS: './**',
  // However busy the machine is.
  OTEL_INSTRUMENTATION_ASYNC_GENERATOR_EXIT_TIMEOUT: '50000',
};

const REQUESTS = ['  GET CLIENT', '    GET SERVER', '  GET CLIENT', '    GET SERVER'];
/** What `app.cjs` and `app.mjs` come to. */
export const PAGES = ['readPages completed 2', ...REQUESTS];
/** The same where nothing instruments `http`. */
export const PAGES_ONLY = ['readPages completed 2'];
/** The same where runs are not traced. */
export const REQUESTS_ONLY = ['GET CLIENT', '  GET SERVER', 'GET CLIENT', '  GET SERVER'];
/** The same if the process ends at the second page. */
export const INTERRUPTED = ['readPages interrupted 2', ...REQUESTS];

/**
 * Call it in a `describe`.
 *
 * @param major another version of Node than the line's own
 */
export function useLine(line, major = line.major) {
  const cwd = projectOf(line);
  const node = nodeFile(major);
  let collector;
  // Not sooner: where --grep takes no test of these, nothing would close it, and mocha would wait for that.
  before(async () => {
    collector = await startCollector();
  });
  beforeEach(() => collector.reset());
  after(() => collector.close());

  const optionsOf = ({ env, ...options } = {}) => ({ cwd, env: { ...ENV, ...collector.env, ...env }, ...options });
  return {
    cwd,
    node,
    /** Runs Node, in an environment that is set up for tracing, to its end. */
    run: (args, options) => runProgram(node, args, optionsOf(options)),
    start: (args, options) => startProgram(node, args, optionsOf(options)),
    /** The same program in an environment that is not. */
    runUntraced: (args, { env, ...options } = {}) => runProgram(node, args, { cwd, env, ...options }),
    spanTree: () => spanTree(collector.spans),
    get collector() {
      return collector;
    },
  };
}

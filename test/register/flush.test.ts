/**
 * While a program runs, the SDK that register has started is as one that is started by hand.
 */
import { expect } from 'chai';
import { once } from 'node:events';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import * as path from 'node:path';
import { ROOT } from '../support/child';
import { runProgram, startProgram } from '../support/program';
import { PACKAGE_NAME } from '../../src/version';

const REGISTER = `${PACKAGE_NAME}/register`;
const cwd = path.join(ROOT, 'test/fixtures/zero-code/flush');

/** Collectors, by what they answer: a status, or nothing at all. */
const COLLECTORS: Readonly<Record<string, number | undefined>> = {
  'takes everything': 200,
  'refuses with 400': 400,
  'refuses with 401': 401,
  'is not available (503)': 503,
  'never answers': undefined,
};

interface Collector {
  readonly endpoint: string;
  readonly answered: () => number;
  close(): Promise<void>;
}

async function startCollector(status: number | undefined): Promise<Collector> {
  let answered = 0;
  const server: Server = createServer((request, response) => {
    request.resume().once('end', () => {
      // Not in the same turn, so that a batch under way is not taken for delivered.
      if (status !== undefined) setImmediate(() => (answered++, response.writeHead(status).end()));
    });
  });
  await once(server.listen(0, '127.0.0.1'), 'listening');
  return {
    endpoint: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    answered: () => answered,
    async close() {
      server.closeAllConnections();
      if (server.listening) await once(server.close(), 'close');
    },
  };
}

const envFor = (endpoint: string) => ({
  OTEL_EXPORTER_OTLP_ENDPOINT: endpoint,
  OTEL_EXPORTER_OTLP_TIMEOUT: '700',
  OTEL_NODE_RESOURCE_DETECTORS: 'none',
  OTEL_LOG_LEVEL: 'none',
  OTEL_INSTRUMENTATION_ASYNC_GENERATOR_ENABLED: 'false',
});

describe('what a program flushes by itself under register', function () {
  this.timeout(60_000);

  const byHand = ['--require', './own-sdk.cjs'];
  const byRegister = ['--require', REGISTER];

  async function outcome(preload: readonly string[], args: readonly string[], collector: Collector) {
    const before = collector.answered();
    const program = startProgram([...preload, 'app.cjs', ...args], { cwd, env: envFor(collector.endpoint) });
    await program.prints('\n');
    const answered = collector.answered() - before;
    const { status, stdout } = await program.ended;
    return { status, stdout, answered };
  }

  for (const [what, status] of Object.entries(COLLECTORS)) {
    describe(`for a collector that ${what}`, () => {
      let collector: Collector;
      before(async () => {
        collector = await startCollector(status);
      });
      after(() => collector.close());

      for (const signal of ['traces', 'logs', 'metrics']) {
        for (const method of ['forceFlush', 'shutdown']) {
          it(`is settled as with an SDK by hand: ${method}() of ${signal}`, async () => {
            const expected = await outcome(byHand, [signal, method], collector);
            expect(await outcome(byRegister, [signal, method], collector)).to.deep.equal(expected);
          });
        }
      }
    });
  }

  it('is rejected as with an SDK by hand where no server listens', async () => {
    const collector = await startCollector(200);
    await collector.close();
    const expected = await outcome(byHand, ['traces', 'forceFlush'], collector);
    expect(expected.stdout).to.match(/^rejected/);
    expect(await outcome(byRegister, ['traces', 'forceFlush'], collector)).to.deep.equal(expected);
  });
});

describe('spans that the collector does not take under register', function () {
  this.timeout(60_000);

  for (const [what, status] of [
    ['never answers', undefined],
    ['refuses them', 401],
  ] as const) {
    it(`take no thread, and no more memory than the SDK's queue: it ${what}`, async () => {
      const collector = await startCollector(status);
      try {
        const { stdout } = await runProgram(['--expose-gc', '--require', REGISTER, 'busy.cjs'], {
          cwd,
          env: { ...envFor(collector.endpoint), OTEL_EXPORTER_OTLP_TIMEOUT: '60000' },
        });
        const { alive, threads } = JSON.parse(stdout) as { alive: number; threads: number };
        expect(threads).to.equal(0);
        // Of 10,000: the queue's 2,048, and some batches of 512 that are under way or were when the garbage was collected.
        expect(alive).to.be.within(1, 5000);
      } finally {
        await collector.close();
      }
    });
  }
});

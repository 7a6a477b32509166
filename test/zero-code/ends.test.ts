/**
 * However a process ends under register, its exit status, its output and what its own listeners see are what they are
 * untraced, and every span arrives.
 */
import { expect } from 'chai';
import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import * as path from 'node:path';
import { ROOT } from '../support/child';
import { startDeadCollector, startOtlpReceiver, type OtlpReceiver } from '../support/otlp';
import { runProgram } from '../support/program';
import { PACKAGE_NAME } from '../../src/version';
import { names } from '../fixtures/zero-code/ends/ways.cjs';

const REGISTER = `${PACKAGE_NAME}/register`;
const cwd = path.join(ROOT, 'test/fixtures/zero-code/ends');
const targets = { OTEL_INSTRUMENTATION_ASYNC_GENERATOR_TARGETS: './streams.cjs' };

describe('the end of a process under register', function () {
  // Each starts two processes.
  this.timeout(20_000);

  let receiver: OtlpReceiver;

  before(async () => {
    receiver = await startOtlpReceiver();
  });

  afterEach(() => receiver.reset());

  after(() => receiver.close());

  const traced = (args: readonly string[], env?: NodeJS.ProcessEnv) =>
    runProgram(args, { cwd, env: { ...targets, ...receiver.env(), ...env } });

  const outcomes = async () =>
    (await receiver.spans()).map(({ name, attributes }) => `${name} ${String(attributes['async_generator.outcome'])}`);

  for (const { app, preload } of [
    { app: 'app.cjs', preload: '--require' },
    { app: 'app.mjs', preload: '--import' },
  ]) {
    describe(`of ${app}`, () => {
      for (const name of names) {
        it(`that ends ${name} is as it was, and no span is lost`, async () => {
          const untraced = await runProgram([app, name], { cwd });
          expect(await traced([preload, REGISTER, app, name])).to.deep.equal(untraced);
          expect(await outcomes()).to.have.members(['count completed', 'count interrupted']);
        });
      }
    });
  }

  it('keeps status 13 for a promise at the top level that nobody settles', async () => {
    const untraced = await runProgram(['unsettled.mjs'], { cwd });
    expect(untraced.status).to.equal(13);
    expect(await traced(['--import', REGISTER, 'unsettled.mjs'])).to.deep.equal(untraced);
    expect(await outcomes()).to.deep.equal(['count completed']);
  });

  it('is not taken for come where the program survives its uncaught errors, or emits them itself', async () => {
    const untraced = await runProgram(['uncaught.cjs'], { cwd });
    expect(await traced(['--require', REGISTER, 'uncaught.cjs'])).to.deep.equal(untraced);
    expect(await outcomes()).to.deep.equal(['count completed', 'count completed']);
  });

  it('of a worker by an error in its listener for uncaught errors is as it was, and no span is lost', async () => {
    const untraced = await runProgram(['worker.cjs'], { cwd });
    expect(await traced(['--require', REGISTER, 'worker.cjs'])).to.deep.equal(untraced);
    expect(await outcomes()).to.deep.equal(['count interrupted']);
  });

  it('lets a program go on at beforeExit, as often as it does, and traces that, too', async () => {
    const untraced = await runProgram(['before-exit.cjs'], { cwd });
    expect(await traced(['--require', REGISTER, 'before-exit.cjs'])).to.deep.equal(untraced);
    expect(await outcomes()).to.deep.equal(['count completed', 'count completed']);
  });

  it('goes on tracing when a signal did not end the process', async () => {
    const { status, stdout } = await traced(['--require', './no-kill.cjs', '--require', REGISTER, 'survivor.cjs']);
    expect({ status, stdout }).to.deep.equal({ status: 0, stdout: 'sent SIGTERM\nlisteners 1\n1\n2\n' });
    expect(await outcomes()).to.deep.equal(['count interrupted', 'count completed']);
  });

  for (const enabled of ['true', 'false']) {
    it(`ends runs that are traced by hand, with OTEL_INSTRUMENTATION_ASYNC_GENERATOR_ENABLED=${enabled}`, async () => {
      const { status } = await traced(['--require', './no-kill.cjs', '--require', REGISTER, 'by-hand.cjs'], {
        OTEL_INSTRUMENTATION_ASYNC_GENERATOR_ENABLED: enabled,
      });
      expect(status).to.equal(3);
      expect(await outcomes()).to.deep.equal(['byHand interrupted', 'byHand interrupted']);
    });
  }

  it('prints spans of the console exporter that end with the process', async () => {
    const { status, stdout } = await traced(['--require', REGISTER, 'app.cjs', 'with process.exit(7)'], {
      OTEL_TRACES_EXPORTER: 'console',
    });
    expect(status).to.equal(7);
    expect(stdout).to.include("'async_generator.outcome': 'completed'");
    expect(stdout).to.include("'async_generator.outcome': 'interrupted'");
  });

  for (const { oddity, spans } of [
    { oddity: 'a clock that stands still', spans: 1 },
    { oddity: 'an environment without secrets', spans: 1 },
    { oddity: 'a beforeExit event of its own', spans: 1 },
    { oddity: 'a span with something that cannot be sent', spans: 1 },
    { oddity: 'a pause after beforeExit', spans: 2 },
  ]) {
    it(`leaves a program alone, and loses no span of it, that has ${oddity}`, async () => {
      const untraced = await runProgram(['odd.cjs', oddity], { cwd });
      expect(await traced(['--require', REGISTER, 'odd.cjs', oddity])).to.deep.equal(untraced);
      expect((await outcomes()).filter((each) => each === 'count completed')).to.have.length(spans);
    });
  }

  it('ends though the clock of the program stands still, and the collector is silent', async () => {
    const collector = await startDeadCollector('silent');
    try {
      const { status } = await traced(['--require', REGISTER, 'odd.cjs', 'a clock that stands still'], {
        ...collector.env(),
        OTEL_EXPORTER_OTLP_TIMEOUT: '60000',
      });
      expect(status).to.equal(3);
    } finally {
      await collector.close();
    }
  });

  it('says why the collector has refused the last spans', async () => {
    const server = createServer((request, response) =>
      request.resume().once('end', () => response.writeHead(401).end()),
    );
    await once(server.listen(0, '127.0.0.1'), 'listening');
    try {
      const { stderr } = await traced(['--require', REGISTER, 'app.cjs', 'with process.exit(7)'], {
        OTEL_EXPORTER_OTLP_ENDPOINT: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
        OTEL_LOG_LEVEL: 'error',
      });
      expect(stderr).to.include('opentelemetry-instrumentation-async-generator Export failed: Unauthorized');
    } finally {
      server.close();
    }
  });

  for (const trouble of ['silent', 'refusing', 'unavailable'] as const) {
    // An export would be given up after a minute: a program that waits for it does not end before mocha's time is up.
    const patience = { OTEL_EXPORTER_OTLP_TIMEOUT: '60000' };

    it(`does not wait for an export under way to a collector that is ${trouble}`, async () => {
      const collector = await startDeadCollector(trouble);
      try {
        const result = await traced(['--require', REGISTER, 'busy.cjs'], {
          ...collector.env(),
          ...patience,
          OTEL_BSP_SCHEDULE_DELAY: '50',
        });
        expect(result).to.deep.equal({ status: 0, signal: null, stdout: 'done\n', stderr: '' });
      } finally {
        await collector.close();
      }
    });

    it(`gives a collector that is ${trouble} up soon, when a signal ends the process`, async () => {
      const collector = await startDeadCollector(trouble);
      try {
        const { signal } = await traced(['--import', REGISTER, 'app.mjs', 'by SIGTERM'], {
          ...collector.env(),
          ...patience,
        });
        expect(signal).to.equal('SIGTERM');
      } finally {
        await collector.close();
      }
    });
  }

  it('says that spans may be lost if the collector has not answered', async () => {
    const collector = await startDeadCollector('silent');
    try {
      const { stderr } = await traced(['--require', REGISTER, 'app.cjs', 'by itself'], {
        ...collector.env(),
        OTEL_LOG_LEVEL: 'error',
      });
      expect(stderr).to.include('opentelemetry-instrumentation-async-generator The collector has not answered in time');
      expect(stderr).to.include(`(${collector.env().OTEL_EXPORTER_OTLP_ENDPOINT})`);
    } finally {
      await collector.close();
    }
  });

  it('says which collector has not answered, without the password in its URL, and why', async () => {
    const collector = await startDeadCollector('refusing');
    const { host } = new URL(collector.env().OTEL_EXPORTER_OTLP_ENDPOINT);
    const { stderr } = await traced(['--require', REGISTER, 'app.cjs', 'by itself'], {
      ...collector.env(),
      OTEL_EXPORTER_OTLP_TRACES_ENDPOINT: `http://user:secret@${host}/v1/traces`,
      OTEL_LOG_LEVEL: 'error',
    });
    expect(stderr).to.include(`(http://${host}/v1/traces: connection refused)`);
  });
});

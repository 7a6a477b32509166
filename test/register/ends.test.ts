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
import { startDeadCollector, totals, useOtlpReceiver } from '../support/otlp';
import { runProgram } from '../support/program';
import { PACKAGE_NAME } from '../../src/version';
import { names } from '../fixtures/zero-code/ends/ways.cjs';

const REGISTER = `${PACKAGE_NAME}/register`;
const cwd = path.join(ROOT, 'test/fixtures/zero-code/ends');
/** However busy the machine is. */
const patient = { OTEL_INSTRUMENTATION_ASYNC_GENERATOR_EXIT_TIMEOUT: '50000' };
const impatient = { OTEL_INSTRUMENTATION_ASYNC_GENERATOR_EXIT_TIMEOUT: '500' };
const targets = { OTEL_INSTRUMENTATION_ASYNC_GENERATOR_TARGETS: './streams.cjs' };

describe('the end of a process under register', function () {
  // Each starts two processes.
  this.timeout(60_000);

  const receiver = useOtlpReceiver();

  const traced = (args: readonly string[], env?: NodeJS.ProcessEnv) =>
    runProgram(args, { cwd, env: { ...targets, ...patient, ...receiver.env(), ...env } });

  const outcomes = async () =>
    (await receiver.spans()).map(({ name, attributes }) => `${name} ${String(attributes['async_generator.outcome'])}`);

  for (const { app, preload } of [
    { app: 'app.cjs', preload: '--require' },
    { app: 'app.mjs', preload: '--import' },
  ]) {
    describe(`of ${app}`, () => {
      for (const name of names) {
        it(`that ends ${name} is as it was, and no span is lost, nor a metric`, async () => {
          const untraced = await runProgram([app, name], { cwd });
          expect(await traced([preload, REGISTER, app, name])).to.deep.equal(untraced);
          expect(await outcomes()).to.have.members(['count completed', 'count interrupted']);
          const points = await receiver.points();
          expect(totals(points, 'async_generator.run.duration')).to.deep.equal({ completed: 1, interrupted: 1 });
          expect(totals(points, 'async_generator.run.active')).to.deep.equal({ open: 0 });
        });
      }
    });
  }

  it('keeps status 13 for a promise at the top level that is never settled', async () => {
    const untraced = await runProgram(['unsettled.mjs'], { cwd });
    expect(untraced.status).to.equal(13);
    expect(await traced(['--import', REGISTER, 'unsettled.mjs'])).to.deep.equal(untraced);
    expect(await outcomes()).to.deep.equal(['count completed']);
  });

  it('is not assumed where the program survives its uncaught errors, or emits them itself', async () => {
    const untraced = await runProgram(['uncaught.cjs'], { cwd });
    expect(await traced(['--require', REGISTER, 'uncaught.cjs'])).to.deep.equal(untraced);
    expect(await outcomes()).to.deep.equal(['count completed', 'count completed']);
  });

  it('of a worker by an error in its listener for uncaught errors is as it was, and no span is lost', async () => {
    const untraced = await runProgram(['worker.cjs'], { cwd });
    expect(await traced(['--require', REGISTER, 'worker.cjs'])).to.deep.equal(untraced);
    expect(await outcomes()).to.deep.equal(['count interrupted']);
  });

  it('lets a program continue at beforeExit, as often as it does, and traces that, too', async () => {
    const untraced = await runProgram(['before-exit.cjs'], { cwd });
    expect(await traced(['--require', REGISTER, 'before-exit.cjs'])).to.deep.equal(untraced);
    expect(await outcomes()).to.deep.equal(['count completed', 'count completed']);
  });

  it('continues tracing when a signal did not end the process', async () => {
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
    { oddity: 'a beforeExit event of its own, outside of any callback', spans: 1 },
    { oddity: 'something around process.emit', spans: 1 },
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
        ...impatient,
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
      });
      const { port } = server.address() as AddressInfo;
      expect(stderr).to.equal(
        `${PACKAGE_NAME}: The collector has not taken the last spans of this process (http://127.0.0.1:${port}: Unauthorized)\n`,
      );
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
          ...impatient,
          OTEL_BSP_SCHEDULE_DELAY: '50',
          OTEL_BLRP_SCHEDULE_DELAY: '50',
          OTEL_METRIC_EXPORT_INTERVAL: '100',
        });
        const { stderr, ...rest } = result;
        expect(rest).to.deep.equal({ status: 0, signal: null, stdout: 'done\n' });
        expect(stderr).to.match(/^\S+ The collector has not (answered in time: the last|taken the last) spans .*\n$/);
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
          ...impatient,
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
        ...impatient,
      });
      expect(stderr).to.equal(
        `${PACKAGE_NAME}: The collector has not answered in time: the last spans of this process may be lost ` +
          `(${collector.env().OTEL_EXPORTER_OTLP_ENDPOINT})\n`,
      );
    } finally {
      await collector.close();
    }
  });

  it('says which collector has not taken them, without the password in its URL, and why', async () => {
    const collector = await startDeadCollector('refusing');
    const { host } = new URL(collector.env().OTEL_EXPORTER_OTLP_ENDPOINT);
    const { stderr } = await traced(['--require', REGISTER, 'app.cjs', 'by itself'], {
      ...collector.env(),
      OTEL_EXPORTER_OTLP_TRACES_ENDPOINT: `http://user:secret@${host}/v1/traces`,
      ...impatient,
    });
    expect(stderr).to.include('The collector has not taken the last spans of this process in time: they may be lost');
    expect(stderr).to.include(`(http://${host}/v1/traces: connection refused)`);
  });

  it('says nothing of that with OTEL_LOG_LEVEL=none', async () => {
    const collector = await startDeadCollector('refusing');
    const { stderr } = await traced(['--require', REGISTER, 'app.cjs', 'by itself'], {
      ...collector.env(),
      ...impatient,
      OTEL_LOG_LEVEL: 'none',
    });
    expect(stderr).to.equal('');
  });

  describe('waits for the collector', () => {
    const EXIT_TIMEOUT = 'OTEL_INSTRUMENTATION_ASYNC_GENERATOR_EXIT_TIMEOUT';

    for (const way of ['by itself', 'with process.exit(7)']) {
      it(`for as long as ${EXIT_TIMEOUT} says: ${way}`, async () => {
        let requests = 0;
        const server = createServer((request, response) => {
          request.resume().once('end', () => {
            requests++;
            // Longer than the end of a process waits by default.
            setTimeout(() => response.writeHead(200).end(), 2500);
          });
        });
        await once(server.listen(0, '127.0.0.1'), 'listening');
        try {
          const { stderr } = await traced(['--require', REGISTER, 'app.cjs', way], {
            OTEL_EXPORTER_OTLP_ENDPOINT: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
          });
          expect(stderr).to.equal('');
          expect(requests).to.be.greaterThan(0);
        } finally {
          server.close();
        }
      });

      it(`not at all with ${EXIT_TIMEOUT}=0: ${way}`, async () => {
        const collector = await startDeadCollector('silent');
        try {
          await traced(['--require', REGISTER, 'app.cjs', way], { ...collector.env(), [EXIT_TIMEOUT]: '0' });
          expect(collector.connections()).to.equal(0);
        } finally {
          await collector.close();
        }
      });
    }

    it('once, however often the program continues after that', async () => {
      const collector = await startDeadCollector('silent');
      try {
        // It would take longer than mocha waits.
        const { stdout } = await traced(['--require', REGISTER, 'goes-on.cjs'], {
          ...collector.env(),
          OTEL_EXPORTER_OTLP_TIMEOUT: '60000',
          [EXIT_TIMEOUT]: '5000',
        });
        expect(stdout).to.equal('20 times\n');
      } finally {
        await collector.close();
      }
    });

    it('and not for a metric callback that never answers, which takes nothing from the spans', async () => {
      const { status } = await traced(['--require', REGISTER, 'never-measured.cjs'], {
        [EXIT_TIMEOUT]: '10000',
      });
      expect(status).to.equal(0);
      expect(await outcomes()).to.deep.equal(['count completed', 'count interrupted']);
    });
  });

  it('sends a batch once that the collector is about to answer', async () => {
    const bodies: string[] = [];
    const server = createServer((request, response) => {
      request.setEncoding('latin1').on('data', (text: string) => bodies.push(text));
      request.once('end', () => {
        if (bodies.length > 1) response.writeHead(200).end();
      });
    });
    await once(server.listen(0, '127.0.0.1'), 'listening');
    try {
      const { status } = await traced(['--require', REGISTER, 'under-way.cjs'], {
        OTEL_EXPORTER_OTLP_ENDPOINT: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
        OTEL_METRICS_EXPORTER: 'none',
      });
      expect(status).to.equal(3);
      const count = (name: string) => bodies.join('').split(name).length - 1;
      expect({ early: count('early'), late: count('late') }).to.deep.equal({ early: 1, late: 1 });
    } finally {
      server.closeAllConnections();
      server.close();
    }
  });

  it('tells of a thread that cannot export, and ends as it would have', async () => {
    const { status, stderr } = await traced(
      ['--require', './no-threads.cjs', '--require', REGISTER, 'app.cjs', 'with process.exit(7)'],
      {},
    );
    expect(status).to.equal(7);
    expect(stderr).to.equal(
      `${PACKAGE_NAME}: There is no thread to export with: the last spans of this process are lost (no threads here)\n`,
    );
  });
});

import { expect } from 'chai';
import { execFileSync } from 'node:child_process';
import * as path from 'node:path';
import { ROOT, runNode } from '../support/child';
import { OTLP_PROTOCOLS, startDeadCollector, startOtlpReceiver, useOtlpReceiver, type OtlpSpan } from '../support/otlp';

const SENDER = path.join(ROOT, 'test/fixtures/zero-code/otlp/spans.cjs');
const only = { OTEL_METRICS_EXPORTER: 'none', OTEL_LOGS_EXPORTER: 'none', OTEL_SERVICE_NAME: 'sender' };

describe('the OTLP receiver of the tests', () => {
  const receiver = useOtlpReceiver();

  for (const protocol of OTLP_PROTOCOLS) {
    it(`decodes all that a span carries over ${protocol}`, async () => {
      const { status, stdout } = await runNode([SENDER], { env: { ...only, ...receiver.env(protocol) } });
      expect({ status, stdout }).to.deep.equal({ status: 0, stdout: 'done\n' });

      const spans = await receiver.spans();
      const [child, parent] = spans as [OtlpSpan, OtlpSpan];
      expect(spans.map(({ name }) => name)).to.deep.equal(['child', 'parent']);
      expect(parent).to.deep.include({
        kind: 'SERVER',
        parentSpanId: undefined,
        startTime: 1_700_000_000_123_456_789n,
        endTime: 1_700_000_002_000_000_000n,
        attributes: {},
        status: { code: 'UNSET', message: undefined },
        events: [],
        links: [],
      });
      expect(child).to.deep.include({
        kind: 'INTERNAL',
        traceId: parent.traceId,
        parentSpanId: parent.spanId,
        attributes: {
          string: 'é',
          integer: 42,
          negative: -1,
          beyond32Bits: 2 ** 40,
          fraction: 0.25,
          boolean: false,
          strings: ['a', 'b'],
          numbers: [1, 2],
        },
        status: { code: 'ERROR', message: 'broken' },
        events: [{ name: 'happened', time: 1_700_000_001_000_000_005n, attributes: { where: 'here' } }],
        links: [{ traceId: 'ab'.repeat(16), spanId: 'cd'.repeat(8) }],
        scope: { name: 'spans', version: '1.2.3' },
      });
      expect(child.traceId).to.match(/^[0-9a-f]{32}$/);
      expect(child.spanId).to.match(/^[0-9a-f]{16}$/);
      expect(child.resource).to.include({ 'service.name': 'sender', 'telemetry.sdk.language': 'nodejs' });
    });
  }

  it('says which requests came', async () => {
    await runNode([SENDER], { env: { ...only, ...receiver.env('http/json') } });
    expect(await receiver.requests()).to.deep.equal([{ path: '/v1/traces', contentType: 'application/json' }]);
  });

  it('keeps what two receivers get apart', async () => {
    const other = await startOtlpReceiver();
    try {
      await runNode([SENDER], { env: { ...only, ...other.env() } });
      expect(await other.spans()).to.have.length(2);
      expect(await receiver.spans()).to.deep.equal([]);
    } finally {
      await other.close();
    }
  });

  it('answers while the test waits for a program synchronously', async () => {
    const env = { ...process.env, ...only, ...receiver.env() };
    expect(execFileSync(process.execPath, [SENDER], { env, encoding: 'utf8' })).to.equal('done\n');
    expect(await receiver.spans()).to.have.length(2);
  });

  it('resolves as soon as the awaited spans are there', async () => {
    const awaited = receiver.waitForSpans((spans) => spans.length === 2);
    await runNode([SENDER], { env: { ...only, ...receiver.env() } });
    expect((await awaited).map(({ name }) => name)).to.deep.equal(['child', 'parent']);
  });

  it('names the spans that did come when the awaited ones do not', async () => {
    await runNode([SENDER], { env: { ...only, ...receiver.env() } });
    await receiver.spans();
    const rejection = await receiver.waitForSpans((spans) => spans.length === 3, 1).catch((error: Error) => error);
    expect(rejection).to.be.an('error').with.property('message').that.includes('it got: child, parent');
  });
});

describe('the dead collector of the tests', () => {
  const send = async (env: NodeJS.ProcessEnv) =>
    (await runNode([SENDER], { env: { ...only, OTEL_EXPORTER_OTLP_TIMEOUT: '300', ...env } })).stderr;

  it('accepts a connection and never answers', async () => {
    const collector = await startDeadCollector('silent');
    expect(await send(collector.env())).to.match(/time/i);
    expect(collector.connections()).to.be.at.least(1);
    await collector.close();
  });

  it('refuses connections', async () => {
    const collector = await startDeadCollector('refusing');
    expect(await send(collector.env())).to.match(/ECONNREFUSED|timed out/);
    expect(collector.connections()).to.equal(0);
    await collector.close();
  });

  it('answers 503', async () => {
    const collector = await startDeadCollector('unavailable');
    expect(await send(collector.env())).to.match(/Service Unavailable|503|retryable/i);
    expect(collector.connections()).to.be.at.least(1);
    await collector.close();
  });
});

import { expect } from 'chai';
import { startDeadCollector, startOtlpReceiver, type OtlpReceiver } from '../../support/otlp';
import type { JsonReport } from '../../../src/cli/run/output';
import { runCli } from '../support';

describe('otel-async-generator run --otlp', () => {
  let receiver: OtlpReceiver;

  before(async () => {
    receiver = await startOtlpReceiver();
  });

  after(() => receiver.close());

  afterEach(() => receiver.reset());

  for (const protocol of ['http/protobuf', 'grpc'] as const) {
    it(`sends over ${protocol} the spans that it shows`, async () => {
      const { OTEL_EXPORTER_OTLP_ENDPOINT: url } = receiver.env(protocol);
      const env = protocol === 'grpc' ? { OTEL_EXPORTER_OTLP_PROTOCOL: protocol } : {};
      const { report, status } = await runCli(['run', '--json', '--otlp', url, 'app.mjs'], { env });
      expect(status).to.equal(0);

      const { runs } = JSON.parse(report.trimEnd().split('\n').at(-1) as string) as JsonReport;
      const spans = (await receiver.spans()).filter(({ scope }) => scope.name.includes('async-generator'));
      const identities = (each: readonly { traceId: string; spanId: string }[]) =>
        each.map(({ traceId, spanId }) => `${traceId} ${spanId}`).sort();
      expect(runs).to.have.length(2);
      expect(identities(spans)).to.deep.equal(identities(runs));
    });
  }

  it('sends nothing where nobody asks for it', async () => {
    const { env } = receiver;
    await runCli(['run', 'app.mjs'], { env: env() });
    expect(await receiver.requests()).to.deep.equal([]);
  });

  it('ends as the application does where nobody listens', async () => {
    const { status, report } = await runCli(['run', '--otlp', 'http://127.0.0.1:9', 'app.mjs', 'exit', '7']);
    expect(status).to.equal(7);
    expect(report).to.contain('2 runs: 2 completed');
  });

  it('says where nothing was delivered to, and why', async () => {
    const collector = await startDeadCollector('refusing');
    const { OTEL_EXPORTER_OTLP_ENDPOINT: url } = collector.env();
    const { report } = await runCli(['run', '--otlp', url, 'app.mjs']);
    expect(report.replace(/\s+/g, ' ')).to.match(
      new RegExp(`Nothing was delivered to ${url} \\(traces.*\\): connection refused\\. $`),
    );
  });

  it('says so in JSON, too', async () => {
    const collector = await startDeadCollector('refusing');
    const { OTEL_EXPORTER_OTLP_ENDPOINT: url } = collector.env();
    const { report } = await runCli(['run', '--json', '--otlp', url, 'app.mjs']);
    const { hints } = JSON.parse(report.trimEnd().split('\n').at(-1) as string) as JsonReport;
    expect(hints).to.have.length(1);
    expect(hints[0]).to.contain(`Nothing was delivered to ${url}`);
  });

  it('says nothing of it where all was delivered', async () => {
    const { OTEL_EXPORTER_OTLP_ENDPOINT: url } = receiver.env('http/protobuf');
    const { report } = await runCli(['run', '--otlp', url, 'app.mjs']);
    expect(report).to.contain('2 runs: 2 completed').and.not.to.contain('delivered');
  });
});

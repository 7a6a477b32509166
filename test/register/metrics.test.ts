/**
 * The metrics of runs under `register`.
 */
import { expect } from 'chai';
import { runNode } from '../support/child';
import { makeProject } from '../support/folder';
import { useOtlpReceiver } from '../support/otlp';
import { PACKAGE_NAME } from '../../src/version';

const APP = `
import { metrics } from '@opentelemetry/api';
async function* numbers() { yield 1; }
for await (const _ of numbers());
const [collector] = metrics.getMeterProvider()._sharedState?.metricCollectors ?? [];
const { scopeMetrics } = (await collector?.collect())?.resourceMetrics ?? { scopeMetrics: [] };
console.log(scopeMetrics.flatMap(({ metrics }) => metrics.map(({ descriptor: { name } }) => name)).sort().join(' '));
`;

describe('the metrics of runs under register', () => {
  const folder = makeProject({ 'app.mjs': APP });
  const receiver = useOtlpReceiver();
  const run = (env: NodeJS.ProcessEnv) =>
    runNode(['--import', `${PACKAGE_NAME}/register`, 'app.mjs'], {
      cwd: folder,
      env: { OTEL_TRACES_EXPORTER: 'none', OTEL_INSTRUMENTATION_ASYNC_GENERATOR_TARGETS: './app.mjs', ...env },
    });

  it('are not recorded where the environment does not say where metrics go', async () => {
    const { stdout, stderr } = await run({});
    expect([stdout, stderr]).to.deep.equal(['\n', '']);
  });

  it('are recorded with OTEL_METRICS_EXPORTER, and without spans', async () => {
    const { stdout } = await run({ OTEL_METRICS_EXPORTER: 'console' });
    expect(stdout.split('\n')[0]).to.equal(
      'async_generator.consumer.time async_generator.producer.time async_generator.run.active ' +
        'async_generator.run.duration async_generator.run.items async_generator.time_to_first_item',
    );
  });

  it('go to the endpoint of OTLP', async () => {
    const { stdout } = await run(receiver.env('http/json'));
    expect(stdout).to.contain('async_generator.run.duration');
    expect((await receiver.requests()).map(({ path }) => path)).to.include('/v1/metrics');
  });
});

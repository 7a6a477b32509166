/**
 * The metrics of runs as Prometheus scrapes them: the instrumentation, the real exporter, HTTP.
 */
import { metrics } from '@opentelemetry/api';
import { PrometheusExporter } from '@opentelemetry/exporter-prometheus';
import { registerInstrumentations } from '@opentelemetry/instrumentation';
import { MeterProvider } from '@opentelemetry/sdk-metrics';
import { expect } from 'chai';
import { once } from 'node:events';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import * as path from 'node:path';
import { AsyncGeneratorInstrumentation } from '../../src';
import { ROOT } from '../support/child';
import { drain } from '../trace/helpers';

const FIXTURE = path.join(ROOT, 'test/fixtures/zero-code/otlp/pages.cjs');

describe('the metrics of runs that Prometheus scrapes', () => {
  let server: Server;
  let provider: MeterProvider;
  let unregister: () => void;
  before(async () => {
    const exporter = new PrometheusExporter({ preventServerStart: true });
    provider = new MeterProvider({ readers: [exporter] });
    const instrumentations = [new AsyncGeneratorInstrumentation({ targets: [`${FIXTURE}[*]`] })];
    unregister = registerInstrumentations({ instrumentations, meterProvider: provider });
    server = createServer((request, response) => {
      exporter.getMetricsRequestHandler(request, response);
    });
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
  });
  after(async () => {
    unregister();
    server.close();
    await provider.shutdown();
    metrics.disable();
    Reflect.deleteProperty(require.cache, FIXTURE);
  });

  it('are those of the MeterProvider that the instrumentation was registered with', async () => {
    const { readPages } = require(FIXTURE) as { readPages(count: number): AsyncIterable<unknown> };
    await drain(readPages(3));
    const { port } = server.address() as AddressInfo;
    const text = await (await fetch(`http://127.0.0.1:${port}/metrics`)).text();
    const labels = /code_function_name="readPages",async_generator_module_name="[^"]*pages.cjs"/;
    const lines = text.split('\n').filter((line) => labels.test(line));
    const valueOf = (name: string) => lines.find((line) => line.startsWith(`${name}{`))?.replace(/^.*} (\S+).*$/, '$1');
    expect(valueOf('async_generator_run_active')).to.equal('0');
    expect(valueOf('async_generator_run_duration_count')).to.equal('1');
    expect(valueOf('async_generator_run_items_sum')).to.equal('3');
    expect(lines.find((line) => line.startsWith('async_generator_run_duration_count{'))).to.include(
      'async_generator_outcome="completed"',
    );
  });
});

/**
 * What a collector gets from an application that knows nothing of OpenTelemetry: real processes, real OTLP, nothing but
 * environment variables.
 */
import { expect } from 'chai';
import * as path from 'node:path';
import { ROOT } from '../support/child';
import {
  OTLP_PROTOCOLS,
  startDeadCollector,
  startOtlpReceiver,
  type OtlpProtocol,
  type OtlpReceiver,
  type OtlpSpan,
} from '../support/otlp';
import { runProgram, type ProgramResult } from '../support/program';
import { PACKAGE_NAME, PACKAGE_VERSION } from '../../src/version';

const REGISTER = `${PACKAGE_NAME}/register`;
const cwd = path.join(ROOT, 'test/fixtures/zero-code/otlp');
const CONTENT_TYPES: Record<OtlpProtocol, string> = {
  'http/protobuf': 'application/x-protobuf',
  'http/json': 'application/json',
  grpc: 'application/grpc',
};
const APPLICATIONS = [
  { format: 'an ES module', preload: '--import', app: 'app.mjs', streams: 'streams.mjs' },
  { format: 'a CommonJS module', preload: '--require', app: 'app.cjs', streams: 'streams.cjs' },
];

/** A run and, indented below it, those that it made: `name outcome items`. */
function describeTree(spans: readonly OtlpSpan[], parent?: OtlpSpan, indent = ''): string[] {
  return spans
    .filter(({ parentSpanId }) => parentSpanId === parent?.spanId)
    .sort((a, b) => (a.startTime < b.startTime ? -1 : 1))
    .flatMap((span) => {
      const { 'async_generator.outcome': outcome, 'async_generator.item.count': items } = span.attributes;
      return [`${indent}${span.name} ${outcome} ${items}`, ...describeTree(spans, span, `${indent}  `)];
    });
}

for (const { format, preload, app, streams } of APPLICATIONS) {
  const start = (env: NodeJS.ProcessEnv) =>
    runProgram([preload, REGISTER, app], {
      cwd,
      env: { OTEL_INSTRUMENTATION_ASYNC_GENERATOR_TARGETS: './**', ...env },
    });

  describe(`${format} under register`, () => {
    let untraced: ProgramResult;

    before(async () => {
      untraced = await runProgram([app], { cwd });
      expect(untraced).to.include({ status: 3, stderr: '' });
    });

    for (const protocol of OTLP_PROTOCOLS) {
      describe(`with OTEL_EXPORTER_OTLP_PROTOCOL=${protocol}`, () => {
        let receiver: OtlpReceiver;
        let traced: ProgramResult;
        let spans: OtlpSpan[];
        const find = (name: string, outcome: string): OtlpSpan => {
          const found = spans.filter(
            (span) => span.name === name && span.attributes['async_generator.outcome'] === outcome,
          );
          expect(found, `${name} ${outcome}`).to.have.length(1);
          return found[0] as OtlpSpan;
        };

        before(async () => {
          receiver = await startOtlpReceiver();
          traced = await start({
            ...receiver.env(protocol),
            OTEL_SERVICE_NAME: 'reader',
            OTEL_RESOURCE_ATTRIBUTES: 'deployment.environment.name=test',
          });
          spans = await receiver.spans();
        });

        after(() => receiver.close());

        it('prints what it prints untraced, and ends with the same status', () => {
          expect(traced).to.deep.equal(untraced);
        });

        it('sends its spans over that protocol', async () => {
          const requests = await receiver.requests();
          const traces = requests.filter((request) => /\/v1\/traces$|TraceService\/Export$/.test(request.path));
          expect(traces).not.to.be.empty;
          for (const request of traces) expect(request.contentType).to.equal(CONTENT_TYPES[protocol]);
        });

        it('sends one span for each run: its outcome, its items, its parent', () => {
          expect(describeTree(spans)).to.deep.equal([
            'readItems completed 6',
            '  readPages completed 3',
            'readPages returned 1',
            'readItems failed 0',
            '  readPages returned 1',
            'watch interrupted 1',
          ]);
        });

        it('gives nested runs one trace, and runs apart one each', () => {
          const sizes = new Map<string, number>();
          for (const { traceId } of spans) sizes.set(traceId, (sizes.get(traceId) ?? 0) + 1);
          expect([...sizes.values()].sort()).to.deep.equal([1, 1, 2, 2]);
        });

        it('sends the failure of a run', () => {
          const failed = find('readItems', 'failed');
          expect(failed.status).to.deep.equal({ code: 'ERROR', message: 'item 2 is damaged' });
          expect(failed.attributes['error.type']).to.equal('RangeError');
          expect(failed.events).to.have.length(1);
          expect(failed.events[0]?.name).to.equal('exception');
          expect(failed.events[0]?.attributes).to.include({
            'exception.type': 'RangeError',
            'exception.message': 'item 2 is damaged',
          });
          expect(failed.events[0]?.attributes['exception.stacktrace']).to.include(streams);
        });

        it('leaves the status of all others unset, without events', () => {
          for (const span of spans) {
            if (span.attributes['async_generator.outcome'] === 'failed') continue;
            expect(span.status).to.deep.equal({ code: 'UNSET', message: undefined });
            expect(span.events).to.deep.equal([]);
          }
        });

        it('says where the generator stands, and how its time was spent', () => {
          const { attributes, startTime, endTime } = find('readItems', 'completed');
          expect(attributes).to.include({
            'code.function.name': 'readItems',
            'code.file.path': path.join(cwd, streams),
          });
          expect(attributes).to.include.keys(
            'async_generator.module.name',
            'async_generator.time_to_first_item',
            'async_generator.producer.time',
            'async_generator.consumer.time',
          );
          const seconds = Number(endTime - startTime) / 1e9;
          const spent =
            (attributes['async_generator.producer.time'] as number) +
            (attributes['async_generator.consumer.time'] as number);
          expect(spent).to.be.closeTo(seconds, 1e-6);
          expect(attributes['async_generator.time_to_first_item']).to.be.within(0, seconds);
        });

        it('starts a nested run no earlier than its parent', () => {
          const parent = find('readItems', 'completed');
          const child = find('readPages', 'completed');
          expect(child.parentSpanId).to.equal(parent.spanId);
          expect(Number(child.startTime - parent.startTime), 'nanoseconds it starts after').to.be.at.least(0);
        });

        it('says which service and which instrumentation it is', () => {
          for (const span of spans) {
            expect(span.kind).to.equal('INTERNAL');
            expect(span.scope).to.deep.equal({ name: PACKAGE_NAME, version: PACKAGE_VERSION });
            expect(span.resource).to.include({
              'service.name': 'reader',
              'deployment.environment.name': 'test',
              'telemetry.sdk.language': 'nodejs',
            });
          }
        });
      });
    }

    for (const trouble of ['refusing', 'unavailable', 'silent'] as const) {
      it(`prints what it prints untraced when the collector is ${trouble}`, async () => {
        const collector = await startDeadCollector(trouble);
        try {
          expect(await start(collector.env())).to.deep.equal(untraced);
          if (trouble !== 'refusing') expect(collector.connections()).to.be.at.least(1);
        } finally {
          await collector.close();
        }
      });
    }
  });
}

/**
 * What a collector gets from an application that knows nothing of OpenTelemetry: real processes, real OTLP, nothing but
 * environment variables.
 */
import { expect } from 'chai';
import * as path from 'node:path';
import { formatSpans } from '../../src/testing';
import { ROOT } from '../support/child';
import { expectOneSnapshot } from '../support/one-snapshot';
import { toSpanLikes } from '../support/otlp-span-like';
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

for (const { format, preload, app, streams } of APPLICATIONS) {
  const start = (env: NodeJS.ProcessEnv) =>
    runProgram([preload, REGISTER, app], {
      cwd,
      env: { OTEL_INSTRUMENTATION_ASYNC_GENERATOR_TARGETS: './**', ...env },
    });

  describe(`${format} under register`, () => {
    let untraced: ProgramResult;
    /** As text, by protocol. */
    const sent = new Map<string, string>();

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
            // However busy the machine is.
            OTEL_INSTRUMENTATION_ASYNC_GENERATOR_EXIT_TIMEOUT: '50000',
            OTEL_SERVICE_NAME: 'reader',
            OTEL_RESOURCE_ATTRIBUTES: 'deployment.environment.name=test',
          });
          spans = await receiver.spans();
          sent.set(`over ${protocol}`, formatSpans(toSpanLikes(spans), { baseDir: cwd }));
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

        it('sends the stack of the error with which a run failed', () => {
          const [exception] = find('readItems', 'failed').events;
          expect(exception?.attributes['exception.stacktrace']).to.include(streams);
        });

        it('says where the file of the generator is, and how its time was spent', () => {
          const { attributes, startTime, endTime } = find('readItems', 'completed');
          expect(attributes).to.include({ 'code.file.path': path.join(cwd, streams) });
          expect(attributes).to.include.keys(
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

    // In a suite of its own, which runs after those above.
    describe('its spans', () => {
      it('are those of the snapshot, over every protocol', async () => {
        await expectOneSnapshot(sent);
      });
    });

    for (const trouble of ['refusing', 'unavailable', 'silent'] as const) {
      it(`prints what it prints untraced, and what may be lost, when the collector is ${trouble}`, async () => {
        const collector = await startDeadCollector(trouble);
        try {
          const { stderr, ...traced } = await start({
            ...collector.env(),
            OTEL_INSTRUMENTATION_ASYNC_GENERATOR_EXIT_TIMEOUT: '500',
          });
          expect({ ...traced, stderr: '' }).to.deep.equal(untraced);
          expect(stderr, 'one line').to.match(
            /^\S+: The collector has not (answered|taken the last spans of this process) in time: .*\n$/,
          );
          if (trouble !== 'refusing') expect(collector.connections()).to.be.at.least(1);
        } finally {
          await collector.close();
        }
      });
    }
  });
}

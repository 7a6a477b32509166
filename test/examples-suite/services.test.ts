import { expect } from 'chai';
import { readFileSync } from 'node:fs';
import * as path from 'node:path';
import { ROOT } from '../support/child';
import { startOtlpReceiver, type OtlpReceiver, type OtlpSpan } from '../support/otlp';
import type { Program, ProgramResult } from '../support/program';
import { describeSnapshot, describeSpans, startUntraced, TRACED_MODES } from './support';

interface Outcome {
  inventory: ProgramResult;
  shop: ProgramResult;
  /** What a customer of the shop reads. */
  page: string;
}

const ADDRESS = /http:\/\/127\.0\.0\.1:\d+/;

async function addressOf(program: Program): Promise<string> {
  await program.prints('\n');
  return ADDRESS.exec(program.output())?.[0] ?? '';
}

/** Starts both services, makes one request, and stops them. Ports are free ones, and left out of what was printed. */
async function serve(start: (service: string, app: readonly string[]) => Program): Promise<Outcome> {
  const inventory = start('inventory', ['services/inventory.cjs', '0']);
  const shop = start('shop', ['services/shop.cjs', await addressOf(inventory), '0']);
  const page = await (await fetch(await addressOf(shop))).text();
  const stop = async (program: Program): Promise<ProgramResult> => {
    program.kill('SIGTERM');
    const result = await program.ended;
    return { ...result, stdout: result.stdout.replace(ADDRESS, '') };
  };
  return { page, shop: await stop(shop), inventory: await stop(inventory) };
}

/** A span and those below it, as the README draws them. */
function draw(spans: readonly OtlpSpan[], parent?: OtlpSpan, indent = ''): string[] {
  const children = spans
    .filter(({ parentSpanId }) => parentSpanId === parent?.spanId)
    .sort((a, b) => Number(a.startTime - b.startTime));
  return children.flatMap((span, index) => {
    const isLast = index === children.length - 1;
    const [branch, below] = parent === undefined ? ['', ''] : isLast ? ['└─ ', '   '] : ['├─ ', '│  '];
    const { 'async_generator.outcome': outcome, 'async_generator.item.count': items } = span.attributes;
    const what = outcome === undefined ? span.kind : `${outcome}, ${items} items`;
    const service = String(span.resource['service.name']);
    const line = `${`${indent}${branch}${span.name}`.padEnd(24)} ${service.padEnd(10)} ${what}`;
    return [line, ...draw(spans, span, indent + below)];
  });
}

describe('the example of two services', () => {
  let untraced: Outcome;
  const texts = new Map<string, string>();

  before(async () => {
    untraced = await serve((_service, app) => startUntraced(app));
    expect(untraced.page.split('\n')).to.have.length(4);
    for (const { status, stderr } of [untraced.shop, untraced.inventory]) {
      expect({ status, stderr }).to.deep.equal({ status: 0, stderr: '' });
    }
  });

  for (const mode of TRACED_MODES) {
    describe(mode.name, () => {
      let receiver: OtlpReceiver;
      let traced: Outcome;
      let spans: OtlpSpan[];

      before(async () => {
        receiver = await startOtlpReceiver();
        traced = await serve((service, app) => mode.start(app, receiver, { OTEL_SERVICE_NAME: service }));
        spans = await receiver.spans();
        texts.set(mode.name, describeSpans(spans, { include: ['resource.service.name'] }));
      });

      after(() => receiver.close());

      it('answers and prints as it does untraced, and ends with the same status', () => {
        expect(traced).to.deep.equal(untraced);
      });

      it('makes the trace that is in the README', () => {
        const readme = readFileSync(path.join(ROOT, 'examples/README.md'), 'utf8');
        const shown = /```text\n(GET .*?)\n```/s.exec(readme)?.[1];
        expect(draw(spans).join('\n')).to.equal(shown);
      });

      it('answers with what the README says', () => {
        expect(readFileSync(path.join(ROOT, 'examples/README.md'), 'utf8')).to.include(`\n${traced.page}`);
      });
    });
  }

  describeSnapshot(texts);
});

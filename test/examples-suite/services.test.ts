import { expect } from 'chai';
import { startOtlpReceiver, type OtlpReceiver, type OtlpSpan } from '../support/otlp';
import type { Program, ProgramResult } from '../support/program';
import { ancestry, describeRuns, startUntraced, TRACED_MODES } from './support';

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

describe('the example of two services', () => {
  let untraced: Outcome;

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
      });

      after(() => receiver.close());

      it('answers and prints as it does untraced, and ends with the same status', () => {
        expect(traced).to.deep.equal(untraced);
      });

      it('makes one trace of both services, from the request down to the last run', () => {
        expect(ancestry(spans, 'readStock')).to.deep.equal([
          'readStock',
          'GET SERVER',
          'GET CLIENT',
          'readProducts',
          'offers',
          'GET SERVER',
        ]);
        expect(new Set(spans.map(({ traceId }) => traceId)).size).to.equal(1);
      });

      it('tells the services apart', () => {
        const serviceOf = (name: string) => spans.find((span) => span.name === name)?.resource['service.name'];
        expect([serviceOf('offers'), serviceOf('readProducts'), serviceOf('readStock')]).to.deep.equal([
          'shop',
          'shop',
          'inventory',
        ]);
      });

      it('has a span for each run', () => {
        expect(describeRuns(spans)).to.deep.equal([
          'offers completed 3',
          '  readProducts completed 4',
          '    splitLines completed 4',
          'readStock completed 4', // below a request, which is no run
        ]);
      });
    });
  }
});

/**
 * With OpenTelemetry's own register, in every order, and with an SDK that the application sets up: one SDK, no span twice,
 * none lost.
 */
import { expect } from 'chai';
import { before, describe, it } from 'mocha';
import { LINES } from '../support/suites.mjs';
import { PAGES, PAGES_ONLY, REGISTER, REQUESTS_ONLY, STOCK, useLine } from './support/suite.mjs';

const FLAGS = ['--import', '--require'];

/** Every way to preload both. */
const BOTH = FLAGS.flatMap((stockFlag) =>
  FLAGS.flatMap((ownFlag) => [
    { title: `stock by ${stockFlag}, then ours by ${ownFlag}`, args: [stockFlag, STOCK, ownFlag, REGISTER] },
    { title: `ours by ${ownFlag}, then stock by ${stockFlag}`, args: [ownFlag, REGISTER, stockFlag, STOCK] },
  ]),
);

/** `stockPages`: the stock register does not instrument `http` for ES modules, where nothing else requires it. */
const FORMATS = [
  { extension: 'cjs', title: 'CommonJS', stockPages: PAGES },
  { extension: 'mjs', title: 'ES modules', stockPages: PAGES_ONLY },
];

for (const line of LINES) {
  for (const { extension, title, stockPages } of FORMATS) {
    describe(`${line.title}, ${title}`, () => {
      const suite = useLine(line);
      const app = `app.${extension}`;
      let untraced;

      before(async () => {
        untraced = await suite.runUntraced([app]);
        expect(untraced).to.include({ status: 0, stderr: '' });
      });

      const itTraces = (name, { args = [], env }, expected) =>
        it(`traces each run and each request once: ${name}`, async () => {
          expect(await suite.run([...args, app], { env })).to.deep.equal(untraced);
          expect(suite.spanTree()).to.deep.equal(expected);
        });

      for (const flag of FLAGS) {
        itTraces(`ours by ${flag}`, { args: [flag, REGISTER] }, PAGES);
        itTraces(`ours by ${flag} in NODE_OPTIONS`, { env: { NODE_OPTIONS: `${flag} ${REGISTER}` } }, PAGES);
      }
      itTraces('ours by --import and --require', { args: ['--import', REGISTER, '--require', REGISTER] }, PAGES);

      for (const { title: order, args } of BOTH) itTraces(order, { args }, stockPages);
      itTraces(
        'stock in NODE_OPTIONS, ours on the command line',
        { args: ['--import', REGISTER], env: { NODE_OPTIONS: `--require ${STOCK}` } },
        stockPages,
      );
      itTraces(
        'ours in NODE_OPTIONS, stock on the command line',
        { args: ['--require', STOCK], env: { NODE_OPTIONS: `--import ${REGISTER}` } },
        stockPages,
      );

      for (const flag of FLAGS) {
        it(`traces each run and each request once where the application loads the stock register: ours by ${flag}`, async () => {
          expect(await suite.run([flag, REGISTER, `app-with-stock.${extension}`])).to.deep.equal(untraced);
          expect(suite.spanTree()).to.deep.equal(PAGES);
        });
      }

      describe('where the application sets an SDK up in code', () => {
        const appWithSdk = `with-sdk.${extension}`;
        const runWithSdk = (flag, env) =>
          suite.run([flag, REGISTER, appWithSdk], {
            env: { OTEL_NODE_ENABLED_INSTRUMENTATIONS: 'http,undici', ...env },
          });

        /** What ran before is of the SDK that ours had started. */
        const expectService = () => {
          for (const { name, service } of suite.collector.spans) {
            if (name !== 'count') expect(service, name).to.equal('set-in-code');
          }
        };

        for (const flag of FLAGS) {
          it(`all spans are that SDK's, those of its instrumentations too: ours by ${flag}`, async () => {
            const plain = await suite.runUntraced([appWithSdk], { env: { OTEL_SDK_DISABLED: 'true' } });
            expect(await runWithSdk(flag, { APP_INSTRUMENTATIONS: 'all' })).to.deep.equal(plain);
            expect(suite.spanTree()).to.deep.equal([
              'count completed 2',
              'readPages completed 1',
              '  GET CLIENT',
              '    GET SERVER',
              'fetching INTERNAL',
              '  GET CLIENT',
              '    GET SERVER',
            ]);
            expectService();
            expect(suite.collector.logs).to.deep.equal([{ body: 'fetched', service: 'set-in-code' }]);
          });

          it(`adds nothing but runs to one without instrumentations: ours by ${flag}`, async () => {
            await runWithSdk(flag);
            expect(suite.spanTree()).to.deep.equal(['count completed 2', 'readPages completed 1', 'fetching INTERNAL']);
            expectService();
          });
        }
      });
    });
  }
}

for (const line of LINES) {
  describe(`${line.title}, a provider that the application registers by hand`, () => {
    const suite = useLine(line);
    for (const flag of FLAGS) {
      it(`gets the spans of an instrumentation that is registered after it: ours by ${flag}`, async () => {
        const plain = await suite.run(['by-hand.cjs'], { env: { APP_INSTRUMENTATIONS: 'http' } });
        expect(suite.spanTree()).to.deep.equal(REQUESTS_ONLY);
        suite.collector.reset();
        expect(
          await suite.run([flag, REGISTER, 'by-hand.cjs'], { env: { APP_INSTRUMENTATIONS: 'http' } }),
        ).to.deep.equal(plain);
        expect(suite.spanTree()).to.deep.equal(PAGES);
      });

      it(`gets no spans of requests without one: ours by ${flag}`, async () => {
        await suite.run([flag, REGISTER, 'by-hand.cjs']);
        expect(suite.spanTree()).to.deep.equal(PAGES_ONLY);
      });
    }
  });
}

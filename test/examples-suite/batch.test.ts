import { expect } from 'chai';
import { startOtlpReceiver, type OtlpReceiver } from '../support/otlp';
import type { Program, ProgramResult } from '../support/program';
import { describeSnapshot, describeSpans, startUntraced, TRACED_MODES } from './support';

/** Ends a program while it is at its third page. */
function endAtThirdPage(program: Program): Promise<ProgramResult> {
  program.prints('page 3 ...').then(
    () => program.kill('SIGTERM'),
    () => {}, // what it printed instead is in the result
  );
  return program.ended;
}

const VARIANTS = [
  {
    title: 'the batch job that SIGTERM kills',
    app: 'batch/app.mjs',
    end: { status: null, signal: 'SIGTERM' },
    lastLine: 'page 3 ...',
  },
  {
    title: 'the batch job that handles SIGTERM',
    app: 'batch/graceful.mjs',
    end: { status: 0, signal: null },
    lastLine: 'stopped',
  },
];

for (const { title, app, end, lastLine } of VARIANTS) {
  describe(title, () => {
    let untraced: ProgramResult;
    const texts = new Map<string, string>();

    before(async () => {
      untraced = await endAtThirdPage(startUntraced([app]));
      expect(untraced).to.include(end);
      expect(untraced.stdout.trimEnd().split('\n').at(-1)).to.equal(lastLine);
    });

    for (const mode of TRACED_MODES) {
      describe(mode.name, () => {
        let receiver: OtlpReceiver;
        let traced: ProgramResult;

        before(async () => {
          receiver = await startOtlpReceiver();
          traced = await endAtThirdPage(mode.start([app], receiver));
          texts.set(mode.name, describeSpans(await receiver.spans()));
        });

        after(() => receiver.close());

        it('prints what it prints untraced, and ends in the same way', () => {
          expect(traced).to.deep.equal(untraced);
        });
      });
    }

    describeSnapshot(texts);
  });
}

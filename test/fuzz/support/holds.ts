/**
 * Properties of programs that fast-check makes up. In `npm test` there are few of them, always the same; `npm run test:fuzz`
 * says how many there are and which seed they come from.
 */
import fc from 'fast-check';

const { FUZZ_PROGRAMS, FUZZ_SEED, FUZZ_PATH } = process.env;

const SEED_OF_SMOKE = 1;

export interface HoldsOptions<Program> {
  /** How many programs `npm test` tries. */
  smoke: number;
  /** Which part of the programs of `npm run test:fuzz` it tries: all, unless it says otherwise. */
  share?: number;
  /** The program that failed, as somebody reads it. */
  show?: (program: Program) => string;
}

/**
 * A test: `check` throws for no program of `programs`. If it throws for one, the test fails with the smallest such program
 * and the command that tries it again.
 */
export function itHolds<Program>(
  title: string,
  programs: fc.Arbitrary<Program>,
  check: (program: Program) => Promise<void> | void,
  { smoke, share = 1, show = fc.stringify }: HoldsOptions<Program>,
): void {
  it(title, async function () {
    this.timeout(0);
    const details = await fc.check(
      fc.asyncProperty(programs, async (program) => check(program)),
      {
        numRuns: FUZZ_PROGRAMS === undefined ? smoke : Math.ceil(Number(FUZZ_PROGRAMS) * share),
        seed: FUZZ_SEED === undefined ? SEED_OF_SMOKE : Number(FUZZ_SEED),
        path: FUZZ_PATH,
      },
    );
    if (!details.failed) return;
    const { counterexample, counterexamplePath, errorInstance, numRuns, numShrinks, seed } = details;
    const repeat = `npm run test:fuzz -- --seed ${seed} --path ${counterexamplePath} --grep '${this.test?.fullTitle()}'`;
    const lines = [
      `failed for program ${numRuns}, which was shrunk ${numShrinks} times; to repeat it:`,
      repeat,
      '',
      ...(counterexample === null ? [] : [show(counterexample[0]), '']),
      errorInstance instanceof Error ? errorInstance.message : String(errorInstance),
    ];
    throw new Error(lines.join('\n'), { cause: errorInstance });
  });
}

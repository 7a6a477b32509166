// What is traced: an async-generator function of the user's own.
import { copyProgram } from '../../lib/program-copy.mjs';

const PROGRAM = 'compare/kit/program.cjs';

/** @param trace `(copy) => program`: loads a program with its generators traced */
export function functionSubject({ trace }) {
  const programs = { untraced: copyProgram(PROGRAM).load(), traced: trace(copyProgram(PROGRAM)) };
  const programFor = (which, kit) => {
    programs[which].setKit(kit);
    return programs[which];
  };
  return {
    sizes: { run: 800, item: 20_000 },

    async open(which, exit, kit) {
      const program = programFor(which, kit);
      const returned = program.answer(exit, exit === 'abort' ? kit.controller.signal : undefined);
      const iterable = await returned;
      const facts = {
        'the call’s own return value': iterable === returned,
        'the object': program.isOwn(iterable),
        'the tag': Object.prototype.toString.call(iterable),
      };
      return { iterable, facts, itemOf: (item) => item, abort: () => kit.controller.abort() };
    },

    /** What a consumer without `for await` gets. */
    async protocol(which, exit, kit) {
      const program = programFor(which, kit);
      const wholeRun = [['next'], ['next', 'hello'], ['next'], ['next']];
      return {
        'the return value': await lastOf(await program.answer(exit), wholeRun),
        'throw()': await lastOf(await program.answer(exit), [['next'], ['throw', kit.failure]]),
        'what next(value) sends': kit.log.includes('the body got hello'),
      };
    },

    quick: async (which, exit, kit) => (await programFor(which, kit).quickAnswer(exit))[Symbol.asyncIterator](),

    items: async (which) => (await programs[which].items(Infinity))[Symbol.asyncIterator](),
  };
}

/** The value of the last of several calls, or the message of the error. */
async function lastOf(iterator, calls) {
  try {
    let result;
    for (const [method, value] of calls) result = await iterator[method](value);
    return result.value;
  } catch (error) {
    return error.message;
  }
}

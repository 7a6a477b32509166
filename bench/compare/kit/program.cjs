// The traced program: plain generators that know nothing of tracing. Each process runs one copy traced and one untraced
// (../../lib/program-copy.mjs). What they need of the kit is put in by `setKit`.

/** @type {{ span(name): Promise<void>, note(what): void, pause(signal?): Promise<void>, failure: Error, mark(name): void }} */
let kit;
exports.setKit = (newKit) => {
  kit = newKit;
};

/** Whether a generator is what a call of `answer` returns untraced, and not something that stands in for it. */
exports.isOwn = (object) => Object.getPrototypeOf(object) === originalPrototype;

/** Pauses before its end and in its `finally`, so that a span which ends with an item, or with the call, ends measurably too early. */
exports.answer = async function* answer(exit, signal) {
  await kit.span('body: first');
  try {
    kit.note(`the body got ${yield 'one'}`);
    await kit.span('body: second');
    yield 'two';
    await kit.pause(signal);
    if (exit === 'error') throw kit.failure;
    yield 'three';
    return 'result';
  } finally {
    await kit.pause();
    await kit.span('body: last');
    kit.note('the body is closed');
    kit.mark('closed');
  }
};
const originalPrototype = exports.answer.prototype;

/** The same without anything that waits. */
exports.quickAnswer = async function* quickAnswer(exit) {
  yield 'one';
  yield 'two';
  if (exit === 'error' || exit === 'abort') throw kit.failure;
};

exports.items = async function* items(count) {
  for (let item = 0; item < count; item++) yield item;
};

// The traced program: the generators, and the consumers that sum up what comes. Every row runs a copy of this file of its own
// (lib/program-copy.mjs), so that what the engine learns from one row about `next` or `items` does not slow another.

/** @type {() => Promise<number>} a read from a socket; set by the condition */
let read;
exports.setRead = (newRead) => {
  read = newRead;
};

exports.items = async function* items(count) {
  for (let item = 0; item < count; item++) yield item;
};

exports.itemsAfterAwait = async function* itemsAfterAwait(count) {
  for (let item = 0; item < count; item++) {
    await item;
    yield item;
  }
};

exports.itemsFromSocket = async function* itemsFromSocket(count) {
  for (let item = 0; item < count; item++) yield item * (await read());
};

/** `depth` generators, each pulling from the next through the export, as a program's modules do. */
exports.nestedItems = async function* nestedItems(count, depth) {
  if (depth <= 1) {
    for (let item = 0; item < count; item++) yield item;
    return;
  }
  for await (const item of exports.nestedItems(count, depth - 1)) yield item;
};

/** The consumer. That its sum is checked keeps the engine from leaving out what nobody would miss. */
exports.consume = async function consume(iterable) {
  let sum = 0;
  for await (const item of iterable) sum += item;
  return sum;
};

/** A consumer that opens a span for every item, and so pulls from another context every time. */
exports.consumeInSpans = async function consumeInSpans(iterable, tracer) {
  let sum = 0;
  for await (const item of iterable) {
    tracer.startActiveSpan('item', (span) => {
      sum += item;
      span.end();
    });
  }
  return sum;
};

/** `runs` generators of one item each, one after the other. */
exports.consumeShortRuns = async function consumeShortRuns(generate, consume, runs) {
  let items = 0;
  for (let run = 0; run < runs; run++) items += 1 + (await consume(generate(1)));
  return items;
};

/** As many runs of one item each, where a function is made for every `runsOfEach` of them. */
exports.consumeRunsOfFunctions = async function consumeRunsOfFunctions(runs, runsOfEach) {
  let items = 0;
  for (let run = 0; run < runs; run += runsOfEach) {
    async function* single() {
      yield 1;
    }
    for (let count = 0; count < runsOfEach; count++) {
      for await (const item of single()) items += item;
    }
  }
  return items;
};

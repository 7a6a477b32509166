// The program whose pulls are counted: producers, and the consumers that pull from them. Each variant of it runs a copy of its
// own (variants.cjs), so that what the engine learns from one does not change another.

/** An async generator that does nothing but yield. */
exports.generator = async function* generator() {
  for (let item = 0; ; item++) yield item;
};

/** An iterator made by hand: no generator. */
exports.iterator = function iterator() {
  return countingIterator();
};

/** One that goes on after a rejection, as no generator does: its run is over then. */
exports.stubborn = function stubborn() {
  const iterator = countingIterator();
  const { next } = iterator;
  let pulls = 0;
  iterator.next = () => (++pulls === 2 ? Promise.reject(new Error('the second pull fails')) : next());
  return iterator;
};

/** Two runs for every item: pulls from the other generator through the export, as a program's modules do. */
exports.nested = async function* nested() {
  for await (const item of exports.generator()) yield item;
};

function countingIterator() {
  let item = 0;
  return {
    [Symbol.asyncIterator]() {
      return this;
    },
    async next() {
      return { done: false, value: item++ };
    },
    async return(value) {
      return { done: true, value };
    },
  };
}

// The consumers. `onItem` is called with the number of every item, and the consumer stops when it returns true.

exports.consume = async function consume(iterable, onItem) {
  let count = 0;
  for await (const _item of iterable) if (onItem(count++)) return;
};

/** Goes on after a rejection, with the `next` that it took at the beginning, as `for await` does. */
exports.consumeStubbornly = async function consumeStubbornly(iterator, onItem) {
  const { next } = iterator;
  await next.call(iterator);
  await next.call(iterator).catch(() => undefined);
  for (let count = 0; ; count++) {
    await next.call(iterator);
    if (onItem(count)) return;
  }
};

/** Pulls from two at once, in turn. */
exports.consumeTwo = async function consumeTwo([first, second], onItem) {
  let count = 0;
  for await (const _item of first) {
    await second.next();
    if (onItem(count++)) break;
  }
  await second.return();
};

/** Opens a span for every item, and so pulls from another context every time. */
exports.consumeInSpans = async function consumeInSpans(iterable, onItem, tracer) {
  let count = 0;
  for await (const _item of iterable) {
    const isEnough = tracer.startActiveSpan('item', (span) => {
      span.end();
      return onItem(count++);
    });
    if (isEnough) return;
  }
};

/** Exports behind getters that cannot be redefined; `subscribe` returns a promise of an iterator that is no generator. */
const subscribe = ({ buildSchema, parse, ...graphql }, source) => {
  const schema = buildSchema('type Query { a: Int } type Subscription { count: Int }');
  schema.getSubscriptionType().getFields().count.subscribe = source;
  return graphql.subscribe({ schema, document: parse('subscription { count }') });
};

/** A source that notes how it was closed. */
function counter(log, failAt = -1) {
  return async function* () {
    try {
      for (let count = 0; count < 4; count++) {
        if (count === failAt) throw new RangeError('the source is dry');
        yield { count };
      }
    } finally {
      log.push('closed');
    }
  };
}

const subscription = (graphql, log, failAt) => subscribe(graphql, counter(log, failAt));

module.exports = {
  specifier: 'graphql',
  targets: 'graphql[subscribe]',
  cases: {
    'a subscription that is read to its end': {
      async run(graphql, { collect }) {
        const log = [];
        return [await collect(await subscription(graphql, log)), log];
      },
      spans: [{ name: 'subscribe', outcome: 'completed', items: 4 }],
    },
    'a subscription that is left': {
      async run(graphql, { collect }) {
        const log = [];
        return [await collect(await subscription(graphql, log), 2), log];
      },
      spans: [{ name: 'subscribe', outcome: 'returned', items: 2 }],
    },
    'a subscription whose source fails': {
      async run(graphql, { collect, rejection }) {
        const log = [];
        const events = await subscription(graphql, log, 1);
        return [await rejection(() => collect(events)), log];
      },
      spans: [{ name: 'subscribe', outcome: 'failed', items: 1, error: 'RangeError', failed: true }],
    },
    'a subscription that gives no stream but errors': {
      run(graphql) {
        const closed = () => {
          throw new Error('no events today');
        };
        return subscribe(graphql, closed);
      },
      spans: [{ name: 'subscribe', outcome: 'completed', items: 0 }],
    },
    'events that are asked for at once': {
      async run(graphql) {
        const events = await subscription(graphql, []);
        const results = await Promise.all([events.next(), events.next(), events.next()]);
        return [results, await events.return(), await events.next()];
      },
      spans: [{ name: 'subscribe', outcome: 'returned', items: 3 }],
    },
    'an error that the consumer throws in': {
      async run(graphql, { rejection }) {
        const events = await subscription(graphql, []);
        return [await events.next(), await rejection(events.throw(new TypeError('enough'))), await events.next()];
      },
      spans: [{ name: 'subscribe', outcome: 'returned', items: 1 }],
    },
    'the function, its promise and its iterator': {
      async run(graphql, { shapeOfFunction, shapeOfIterable }) {
        const promise = subscription(graphql, []);
        const events = await promise;
        const shapes = [
          shapeOfFunction(graphql.subscribe),
          shapeOfIterable(promise),
          shapeOfIterable(events),
          Object.keys(graphql),
        ];
        await events.return();
        return shapes;
      },
      spans: [{ name: 'subscribe', outcome: 'returned', items: 0 }],
    },
  },
};

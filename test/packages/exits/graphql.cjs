/** A subscription, whose events an async generator makes. */
module.exports = {
  preset: 'graphql',
  group: 'data',
  packages: ['graphql-15', 'graphql-16', 'graphql-17'],
  module: 'graphql',

  open({ buildSchema, parse, subscribe }, { exit, signal, secret }) {
    const schema = buildSchema('type Query { text: String } type Subscription { text(like: String): String }');
    schema.getSubscriptionType().getFields().text.subscribe = async function* () {
      for (let count = 0; count < 4; count++) {
        if (exit === 'error' && count === 2) throw new RangeError('the source is dry');
        yield { text: `${secret} ${count}` };
      }
    };
    const document = parse(`subscription { text(like: "${secret}") }`);
    return subscribe({ schema, document, abortSignal: signal });
  },
  show: ({ data }) => data.text,

  without: (workspace) => (workspace === 'graphql-17' ? undefined : { abort: 'only version 17 takes a signal' }),
  spans: () => ({ name: 'graphql.subscribe' }),
  beside: { workspace: 'graphql-16', name: '@opentelemetry/instrumentation-graphql', children: ['subscription'] },
};

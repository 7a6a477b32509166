// Sentry, with a transport that keeps what it is to send.
import { wrapGenerators } from '../../lib/program-copy.mjs';

export const sentryStartSpan = {
  url: import.meta.url,
  library: '@sentry/node',
  name: 'sentry',
  api: '`startSpan`',
  subject: 'function',
  claims: 'none',
  documentation: 'https://docs.sentry.io/platforms/javascript/guides/node/tracing/instrumentation/',
  claim: 'functions and promises. Generators are not mentioned.',
  better: 'It has the errors, logs and releases beside the spans.',
  load({ require, record }) {
    const Sentry = start(require, record);
    return { ...toolsOf(Sentry), trace: (copy) => wrapGenerators(copy.load(), traced) };

    function traced(fn) {
      // <set-up sentry>
      return (...args) => Sentry.startSpan({ name: fn.name }, () => fn(...args));
      // </set-up>
    }
  },
};

export const sentryOpenai = {
  url: import.meta.url,
  library: '@sentry/node',
  name: 'sentry openai',
  subject: 'openai',
  documentation: 'https://docs.sentry.io/platforms/javascript/guides/node/configuration/integrations/openai/',
  claim: 'the client is instrumented, streamed answers included.',
  better: 'It has the errors, logs and releases beside the spans, and records tokens.',
  isRun: ({ says }) => says.includes('gen_ai'),
  load: ({ require, record }) => toolsOf(start(require, record)),
};

function start(require, record) {
  const Sentry = require('@sentry/node');
  const transport = () => ({
    send: async ([, items]) => {
      for (const [{ type }, payload] of items) for (const span of spansOf(type, payload)) record(recordOf(span));
      return {};
    },
    flush: async () => true,
  });
  const dsn = 'http://key@127.0.0.1/1';
  // <set-up sentry openai>
  Sentry.init({ dsn, transport, tracesSampleRate: 1 });
  // </set-up>
  return Sentry;
}

const toolsOf = (Sentry) => ({
  span: (name, work) => Sentry.startSpan({ name }, work),
  flush: () => Sentry.flush(2_000),
});

/** A transaction is a span with those below it; newer versions send spans one by one. */
function spansOf(type, payload) {
  if (type === 'transaction') {
    const { transaction: description, start_timestamp, timestamp, contexts } = payload;
    return [{ ...contexts.trace, description, start_timestamp, timestamp }, ...payload.spans];
  }
  return type === 'span' ? (payload.items ?? [payload]) : [];
}

function recordOf({ span_id: id, parent_span_id: parent, status, ...span }) {
  const { name, description, start_timestamp: start, timestamp, end_timestamp: end = timestamp } = span;
  const isOk = status === undefined || status === 'ok';
  return {
    id,
    parent,
    name: name ?? description,
    start: start * 1e3,
    end: end * 1e3,
    error: isOk ? undefined : status,
    says: JSON.stringify(span),
  };
}

// The Datadog tracer: it writes spans to stdout, as on a platform without an agent.
import { wrapGenerators } from '../../lib/program-copy.mjs';

const datadog = { url: import.meta.url, library: 'dd-trace', environment: { DD_TRACE_EXPERIMENTAL_EXPORTER: 'log' } };

export const datadogWrap = {
  ...datadog,
  name: 'datadog',
  api: '`tracer.wrap`',
  subject: 'function',
  claims: 'none',
  documentation: 'https://datadoghq.dev/dd-trace-js/',
  claim: 'functions, promises and callbacks. Generators are not mentioned.',
  better: 'It is a whole APM: it instruments servers, clients and databases with one line.',
  load({ require, record }) {
    const tracer = start(require, record);
    return { ...toolsOf(tracer), trace: (copy) => wrapGenerators(copy.load(), traced) };

    function traced(fn) {
      // <set-up datadog>
      return tracer.wrap(fn.name, fn);
      // </set-up>
    }
  },
};

export const datadogOpenai = {
  ...datadog,
  name: 'datadog openai',
  subject: 'openai',
  documentation: 'https://docs.datadoghq.com/llm_observability/auto_instrumentation/',
  claim: 'the client is instrumented; its code has a case for streamed answers.',
  better: 'It is a whole APM: the same line instruments servers, clients and databases.',
  isRun: ({ name }) => name === 'openai.request',
  load: ({ require, record }) => toolsOf(start(require, record)),
};

function start(require, record) {
  const { write } = process.stdout;
  process.stdout.write = function (chunk, ...args) {
    if (!String(chunk).startsWith('{"traces":')) return write.call(this, chunk, ...args);
    for (const span of JSON.parse(chunk).traces.flat()) record(recordOf(span));
    return true;
  };
  // <set-up datadog openai>
  const tracer = require('dd-trace').init();
  // </set-up>
  return tracer;
}

const toolsOf = (tracer) => ({ span: (name, work) => tracer.trace(name, work) });

function recordOf({ span_id: id, parent_id: parent, name, start: startNs, duration, error, meta }) {
  return {
    id: String(id),
    parent: String(parent),
    name,
    start: startNs / 1e6,
    end: (startNs + duration) / 1e6,
    error: error ? (meta['error.message'] ?? '') : undefined,
    says: JSON.stringify(meta),
  };
}

// The New Relic agent. In serverless mode it needs no collector; what it would send is read from its events.
import { wrapGenerators } from '../../lib/program-copy.mjs';

const newRelic = {
  url: import.meta.url,
  library: 'newrelic',
  environment: {
    NEW_RELIC_APP_NAME: 'comparison',
    NEW_RELIC_LICENSE_KEY: 'none',
    NEW_RELIC_SERVERLESS_MODE_ENABLED: 'true',
    NEW_RELIC_LOG_ENABLED: 'false',
    NEW_RELIC_NO_CONFIG_FILE: 'true',
  },
};

export const newRelicSegment = {
  ...newRelic,
  name: 'new relic',
  isRun: ({ name }) => name.endsWith('answer'),
  api: '`startSegment`',
  subject: 'function',
  claims: 'none',
  documentation: 'https://newrelic.github.io/node-newrelic/API.html',
  claim: 'functions, promises and callbacks. Generators are not mentioned.',
  better: 'It is a whole APM: it instruments servers, clients and databases.',
  load({ require, record }) {
    const { newrelic, ...tools } = start(require, record);
    return { ...tools, trace: (copy) => wrapGenerators(copy.load(), traced) };

    function traced(fn) {
      // <set-up new relic>
      return (...args) => newrelic.startSegment(fn.name, true, () => fn(...args));
      // </set-up>
    }
  },
};

export const newRelicOpenai = {
  ...newRelic,
  environment: { ...newRelic.environment, NEW_RELIC_AI_MONITORING_ENABLED: 'true' },
  name: 'new relic openai',
  subject: 'openai',
  documentation:
    'https://docs.newrelic.com/docs/apm/agents/nodejs-agent/installation-configuration/nodejs-agent-configuration-ai-monitoring-settings/',
  claim: 'the client is instrumented, streamed answers included.',
  better: 'It is a whole APM, and has events of its own for each message.',
  isRun: ({ name }) => name.includes('OpenAI'),
  load: ({ require, record }) => start(require, record),
};

function start(require, record) {
  // <set-up new relic openai>
  const newrelic = require('newrelic'); // with NEW_RELIC_AI_MONITORING_ENABLED=true
  // </set-up>
  newrelic.agent.on('transactionFinished', (transaction) => {
    for (const span of spansOf(transaction)) record(span);
  });
  const span = (name, work) =>
    newrelic.agent.getTransaction() === null
      ? newrelic.startBackgroundTransaction(name, work)
      : newrelic.startSegment(name, true, work);
  // In serverless mode the agent keeps what it has until the invocation ends.
  const flush = () => new Promise((resolve) => newrelic.agent.forceHarvestAll(resolve));
  return { newrelic, span, flush };
}

/** The root stands for the transaction. */
function* spansOf({ trace, exceptions }) {
  const open = trace.getChildren(trace.root.id).map((segment) => ({ segment, parent: undefined }));
  for (const { segment, parent } of open) {
    const { id, name, timer } = segment;
    const exception = exceptions.find(
      ({ agentAttributes, customAttributes }) =>
        agentAttributes.spanId === id || (name.startsWith('Llm/') && customAttributes.completion_id !== undefined),
    );
    yield {
      id,
      parent,
      name: name.replace(/^((Truncated|OtherTransaction|Nodejs|Custom)\/)+/, ''),
      start: timer.start,
      end: timer.start + timer.getDurationInMillis(),
      error: exception && String(exception.error?.message),
      says: JSON.stringify(segment.getAttributes()),
    };
    open.push(...trace.getChildren(id).map((child) => ({ segment: child, parent: id })));
  }
}

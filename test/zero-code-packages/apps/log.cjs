// Writes a log record by OpenTelemetry's API, which 2.x has in a package of its own, and ends as APP_END says.
const { count } = require('./count.cjs');
const logs = require('@opentelemetry/api').logs ?? require('@opentelemetry/api-logs').logs;

(async () => {
  for await (const item of count(2)) logs.getLogger('application').emit({ body: `item ${item}` });
  if (process.env.APP_END === 'exit') process.exit(7);
  if (process.env.APP_END === 'throw') {
    setImmediate(() => {
      throw new Error('the end');
    });
  }
})();

/**
 * node report.cjs <module> <target>...: requires the module, and prints what has become of the targets.
 */
const { createRequire } = require('node:module');
const path = require('node:path');

const requireFromRoot = createRequire(path.resolve(__dirname, '../../../package.json'));
const { AsyncGeneratorInstrumentation } = requireFromRoot('opentelemetry-instrumentation-async-generator');

const [name, ...targets] = process.argv.slice(2);
const instrumentation = new AsyncGeneratorInstrumentation({ targets });
require(name);
console.log(
  JSON.stringify(instrumentation.getPatchReport().map(({ target, status, message }) => ({ target, status, message }))),
);

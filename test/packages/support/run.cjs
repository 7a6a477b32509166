// node run.cjs <scenario>: loads the package with `require`.
const { runScenario } = require('./harness.cjs');

runScenario(require(`../scenarios/${process.argv[2]}.cjs`), (specifier) => require(specifier));

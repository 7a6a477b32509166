/** Runs modules one after the other and prints, as JSON, what each has told. */
const { require: requireTypeScript } = require('tsx/cjs/api');
const { createHarness } = require('./harness.cjs');
const { createRegistrar } = requireTypeScript('../../../src/source/registrar.ts', __filename);

globalThis.$registrar = createRegistrar((fn) => new Proxy(fn, {}));
const urls = process.argv.slice(2);

async function main() {
  const told = [];
  for (const url of urls) {
    const { globals, finish } = createHarness();
    Object.assign(globalThis, globals);
    try {
      const namespace = await import(url);
      for (const name of Object.keys(namespace)) globals.show(`export ${name}`, namespace[name]);
    } catch (error) {
      globals.log(error, globals.lines(error).join());
    }
    told.push(await finish());
  }
  process.stdout.write(JSON.stringify(told));
}

void main();

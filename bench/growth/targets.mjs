// What targets cost where they match nothing: at their set-up, and whenever a module is required.
import { mkdirSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import * as path from 'node:path';
import { temporaryFolder } from '../lib/program-copy.mjs';
import { measureInRounds } from '../lib/rounds.mjs';
import { effortOfSeries, geometric } from './support.mjs';

const require = createRequire(import.meta.url);
/** Enough files that none stays in a cache of its own. */
const FILES = 50;

export default {
  name: 'growth-targets',
  label: 'set-up, and a require that matches no target',
  axis: 'targets',
  unit: 'ns',
  async measure({ effort }) {
    const { AsyncGeneratorInstrumentation } = require('../../build/src/index.js');
    const folder = path.join(temporaryFolder(), 'application');
    const modules = { package: writeFiles(folder, 'node_modules/some-package'), own: writeFiles(folder, 'src') };
    const measurements = [];
    for (const at of geometric(1, 10, effort.growth.targets)) {
      const options = { targets: makeTargets(at), baseDir: folder, enabled: false };
      const instrumentation = new AsyncGeneratorInstrumentation(options);
      const contestants = Object.entries(modules).flatMap(([kind, files]) => [
        { name: `require-${kind}-untraced`, sample: requireAll(files) },
        {
          name: `require-${kind}`,
          reference: `require-${kind}-untraced`,
          enter: () => instrumentation.enable(),
          sample: requireAll(files),
          leave: () => instrumentation.disable(),
        },
      ]);
      contestants.push({
        name: 'set-up',
        async sample(count) {
          for (let index = 0; index < count; index++) {
            const another = new AsyncGeneratorInstrumentation({ ...options, enabled: true });
            another.disable();
          }
        },
      });
      const results = await measureInRounds(contestants, effortOfSeries(effort));
      measurements.push(...[...results].map(([row, { absolute, ratio }]) => ({ row, at, absolute, ratio })));
    }
    return measurements;
  },
};

/** Half of them packages, half of them globs over own files. */
function makeTargets(count) {
  return Array.from({ length: count }, (_, index) =>
    index % 2 === 0 ? `package-${index}[stream*]` : `./features/feature-${index}/**/*.js`,
  );
}

function writeFiles(folder, name) {
  const home = path.join(folder, name);
  mkdirSync(home, { recursive: true });
  writeFileSync(path.join(home, 'package.json'), '{"name": "some-package", "version": "1.0.0"}');
  return Array.from({ length: FILES }, (_, index) => {
    const file = path.join(home, `file-${index}.js`);
    writeFileSync(file, `exports.value = ${index};\nexports.list = async function* () { yield ${index}; };\n`);
    return file;
  });
}

function requireAll(files) {
  return async (count) => {
    for (let index = 0; index < count; index++) {
      const file = files[index % files.length];
      delete require.cache[file];
      if (require(file).value !== index % files.length) throw new Error(`${file} was not loaded`);
    }
  };
}

// Writes what source mode is started with: an application of many files, one file with everything in it, and a single small one. All of
// it is made up, and different from line to line: classes, functions and literals as applications have them.
import { mkdirSync, writeFileSync } from 'node:fs';
import * as path from 'node:path';
import { fileURLToPath } from 'node:url';

const report = fileURLToPath(new URL('./apps/report.cjs', import.meta.url));

const FILES = 300;
/** One in so many files holds a generator. */
const WITH_GENERATOR = 10;
const PARTS_OF_FILE = 4;
const BUNDLE_BYTES = 2_000_000;
/** One in so many parts of the bundle, which is about as many as in the files. */
const PARTS_WITH_GENERATOR = 20;

/** @returns by name `{ app, target }`: what to start, and the glob that means the files */
export function writeSources(folder) {
  const write = (name, text) => {
    const file = path.join(folder, name);
    mkdirSync(path.dirname(file), { recursive: true });
    writeFileSync(file, text);
    return file;
  };
  const reported = `require(${JSON.stringify(report)})();\n`;
  const files = Array.from({ length: FILES }, (_, index) => {
    const parts = Array.from({ length: PARTS_OF_FILE }, (_, part) => partOf(index * PARTS_OF_FILE + part));
    const generator = index % WITH_GENERATOR === 0 ? generatorOf(index * PARTS_OF_FILE) : '';
    return write(
      `files/file-${index}.js`,
      `${BASE}${parts.join('')}${generator}module.exports = table${index * PARTS_OF_FILE};\n`,
    );
  });
  const requires = files.map((file) => `require(${JSON.stringify(file)});\n`).join('');

  let bundle = BASE;
  for (let index = 0; bundle.length < BUNDLE_BYTES; index++) {
    bundle += partOf(index);
    if (index % PARTS_WITH_GENERATOR === 0) bundle += generatorOf(index);
  }
  const first = write('first/first.js', `${generatorOf(0)}const table0 = {};\n`);
  return {
    files: { app: write('files.cjs', requires + reported), target: `${folder}/files/**/*.js`, parsed: files },
    bundle: {
      app: write('bundle/bundle.js', bundle + reported),
      target: `${folder}/bundle/**/*.js`,
      parsed: [path.join(folder, 'bundle/bundle.js')],
    },
    first: {
      app: write(
        'first.cjs',
        `const report = require(${JSON.stringify(report)});\nreport.since();\nrequire(${JSON.stringify(first)});\nreport();\n`,
      ),
      target: `${folder}/first/**/*.js`,
    },
  };
}

const BASE = 'class Base {\n  constructor(options) {\n    this.options = options;\n  }\n}\n';

const partOf = (n) => `
/** The settings of part ${n}. */
class Part${n} extends Base {
  #cache = new Map();

  constructor(options = {}) {
    super(options);
    this.size = options.size ?? ${n};
    this.names = ['a', 'b', \`part-\${this.size}\`].map((each) => each.toUpperCase());
  }

  get total() {
    return this.names.reduce((sum, { length }) => sum + length, 0) * ${n};
  }

  async load(key, { retries = 3, signal } = {}) {
    // Once is enough.
    if (this.#cache.has(key)) return this.#cache.get(key);
    for (let attempt = 0; attempt < retries; attempt++) {
      try {
        const found = await this.find({ key, attempt, ...this.options });
        if (found?.value !== undefined && !signal?.aborted) {
          this.#cache.set(key, found.value);
          return found.value;
        }
      } catch (error) {
        if (attempt + 1 === retries) throw new Error('part ${n} cannot load ' + key, { cause: error });
      }
    }
    return undefined;
  }

  find(query) {
    switch (query.attempt) {
      case 0:
        return Promise.resolve({ value: /^[a-z]+\\d*$/i.test(query.key) ? query.key.length : null });
      default:
        return Promise.reject(new TypeError('not found'));
    }
  }
}

function compare${n}(left, right) {
  if (left === right) return 0;
  const [first, second] = [left, right].map((each) => (typeof each === 'number' ? each : Number.parseInt(each, 10)));
  return first < second ? -1 : first > second ? 1 : (left.name || '').localeCompare(right.name || '');
}

const table${n} = Object.freeze({ id: ${n}, compare: compare${n}, make: (options) => new Part${n}(options), flags: [true, null] });
`;

const generatorOf = (n) => `
async function* items${n}(source, limit = Infinity) {
  let count = 0;
  for await (const item of source) {
    if (count++ >= limit) return count;
    yield { item, count, part: table${n}.id };
  }
}
`;

// Makes build/src, what is shipped, of the modules in build/modules that TypeScript has compiled.
//
//   node scripts/bundle.mjs             the modules that `register` and the package's entry load are one file, bundle.js
//   node scripts/bundle.mjs --modules   every module is a file of its own: for coverage only
//
// Each module in the bundle is a function that runs when it is first required, and leaves a stub in its place, which hands
// on what the bundle has: by whichever file a module is loaded, there is one of it.
import { build } from 'esbuild';
import {
  chmodSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { createRequire } from 'node:module';
import * as path from 'node:path';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('..', import.meta.url));
const source = path.join(root, 'src');
const compiled = path.join(root, 'build', 'modules');
const shipped = path.join(root, 'build', 'src');

const PUBLIC = 'index';
const PRELOAD = 'register';
const START = 'register/start';
/** `register` asks it before anything else is loaded, and Node's own threads load nothing else. */
const BEFORE_BUNDLE = 'watch/internal-thread';
/** The command line, in one file with the libraries that only it uses; and what it runs in a process of its own. */
const COMMAND = 'cli';
const OF_COMMAND = /^cli(?:\/|$)/;
const INSPECT_CHILD = 'cli/inspect/child';
/** What runs in threads of its own: one file each, since whoever starts such a thread waits for it. */
const THREADS = ['watch/loader-thread', 'register/exports/export-worker'];
/** Libraries that no installation needs, in the one module that uses each. */
const BUNDLED_LIBRARIES = { 'testing/snapshots/diff': 'diff' };

const OPTIONS = {
  absWorkingDir: root,
  bundle: true,
  format: 'cjs',
  legalComments: 'none',
  logLevel: 'warning',
  logOverride: { 'require-resolve-not-external': 'silent' },
  outdir: shipped,
  packages: 'external',
  platform: 'node',
  sourcemap: true,
  target: 'node20',
  write: false,
};

const fileOf = (id) => path.join(compiled, `${id}.js`);
const idOf = (file) => path.relative(compiled, file).replaceAll(path.sep, '/').replace(/\.js$/, '');
const keepOutOfBundle = {
  name: 'keep-out-of-bundle',
  setup({ onResolve }) {
    onResolve({ filter: /internal-thread$/ }, () => ({ path: `./${BEFORE_BUNDLE}.js`, external: true }));
  },
};

const { dependencies, peerDependencies } = JSON.parse(readFileSync(path.join(root, 'package.json'), 'utf8'));
/** The modules that the package shares with the command line stay as they are, and what npm installs with it. */
const onlyOfCommand = {
  name: 'only-of-command',
  setup({ onResolve }) {
    onResolve({ filter: /^\./ }, ({ path: name, resolveDir }) => {
      const id = idOf(path.resolve(resolveDir, name));
      const isForeign = resolveDir.startsWith(compiled) && !OF_COMMAND.test(id);
      return isForeign ? { path: `./${id}`, external: true } : undefined;
    });
  },
};

/** The files of build/src by their names in it, with what stands in them. */
function unbundled() {
  const files = new Map();
  for (const file of readdirSync(compiled, { recursive: true })) {
    const module = /^(.*)\.js(?:\.map)?$/.exec(file)?.[1];
    // What is left of a module that there is no more is no part of the build.
    if (module === undefined || !existsSync(path.join(source, `${module}.ts`))) continue;
    files.set(file.replaceAll(path.sep, '/'), readFileSync(path.join(compiled, file), 'utf8'));
  }
  return files;
}

async function bundled() {
  const files = unbundled();
  const ids = await modulesOf([PUBLIC, START]);
  const thunks = ids.map((id) => `  '${id}': () => require('./${id}.js'),\n`).join('');
  const entry = { contents: `module.exports = {\n${thunks}};\n`, resolveDir: compiled, sourcefile: 'bundle' };
  const bundle = await build({
    ...OPTIONS,
    stdin: entry,
    outdir: undefined,
    outfile: path.join(shipped, 'bundle.js'),
    plugins: [keepOutOfBundle],
  });
  const threads = await build({ ...OPTIONS, entryPoints: THREADS.map(fileOf), outbase: compiled });
  const libraries = await Promise.all(Object.entries(BUNDLED_LIBRARIES).map(([id, name]) => withLibrary(id, name)));
  for (const id of ids) {
    files.set(`${id}.js`, stubOf(id));
    files.delete(`${id}.js.map`);
  }
  for (const { path: file, text } of [bundle, threads, ...libraries].flatMap(({ outputFiles }) => outputFiles)) {
    files.set(path.relative(shipped, file).replaceAll(path.sep, '/'), text);
  }
  const command = await build({
    ...OPTIONS,
    entryPoints: [fileOf(COMMAND)],
    external: [...Object.keys(dependencies), ...Object.keys(peerDependencies)],
    metafile: true,
    packages: undefined,
    plugins: [onlyOfCommand],
    sourcemap: false,
  });
  files.delete(`${COMMAND}.js.map`);
  const ofChild = await modulesOf([INSPECT_CHILD]);
  for (const input of Object.keys(command.metafile.inputs)) {
    const id = idOf(path.join(root, input));
    if (!OF_COMMAND.test(id) || ofChild.includes(id)) continue;
    files.delete(`${id}.js`);
    files.delete(`${id}.js.map`);
  }
  for (const { path: file, text } of command.outputFiles) files.set(path.relative(shipped, file), text);
  files.set(`${PRELOAD}.js`, startFromBundle(files.get(`${PRELOAD}.js`)));
  return files;
}

/** The module with the library in it, and the library's licence. */
function withLibrary(id, name) {
  const licence = readFileSync(path.join(root, 'node_modules', name, 'LICENSE'), 'utf8');
  return build({
    ...OPTIONS,
    entryPoints: [fileOf(id)],
    outbase: compiled,
    packages: 'bundle',
    banner: { js: `/*\n${name}\n\n${licence}*/` },
  });
}

/** The modules that these load, at once or later. */
async function modulesOf(entries) {
  const { metafile } = await build({
    ...OPTIONS,
    entryPoints: entries.map(fileOf),
    metafile: true,
    plugins: [keepOutOfBundle],
  });
  return Object.keys(metafile.inputs)
    .map((file) => idOf(path.join(root, file)))
    .sort();
}

function stubOf(id) {
  const toBundle = '../'.repeat(id.split('/').length - 1) || './';
  // Not `module.exports = require(...)`, for which Node looks through the whole bundle for names that can be imported.
  const stub = `"use strict";\nconst { '${id}': load } = require('${toBundle}bundle.js');\nmodule.exports = load();\n`;
  if (id !== PUBLIC) return stub;
  const names = Object.keys(createRequire(import.meta.url)(fileOf(id)));
  return `${stub}// The names that can be imported, for Node to read.\n0 && (module.exports = { ${names.join(', ')} });\n`;
}

/** One file less to load at the start of every application. */
function startFromBundle(text) {
  const before = `require('./${START}')`;
  if (!text.includes(before)) throw new Error(`${PRELOAD}.js does not ${before} any more`);
  return text.replace(before, `require('./bundle.js')['${START}']()`);
}

/**
 * Puts the files where they belong, each at once and whole, for those that are running the build meanwhile, and takes away
 * the others; bundle.js first, and last.
 */
function place(files) {
  const { 'bundle.js': bundle, ...rest } = Object.fromEntries(files);
  const folder = mkdtempSync(path.join(root, 'build', '.bundle-'));
  try {
    let count = 0;
    const write = (file, text) => {
      const to = path.join(shipped, file);
      if (existsSync(to) && readFileSync(to, 'utf8') === text) return;
      const from = path.join(folder, String(count++));
      writeFileSync(from, text);
      if (file === 'cli.js') chmodSync(from, 0o755);
      mkdirSync(path.dirname(to), { recursive: true });
      renameSync(from, to);
    };
    if (bundle !== undefined) write('bundle.js', bundle);
    for (const [file, text] of Object.entries(rest)) write(file, text);
    for (const file of readdirSync(shipped, { recursive: true })) {
      if (/\.js(?:\.map)?$/.test(file) && !files.has(file.replaceAll(path.sep, '/'))) rmSync(path.join(shipped, file));
    }
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

place(process.argv.includes('--modules') ? unbundled() : await bundled());

// Makes build/src, what is shipped, of src: `npm run build`.
//
// Every entry is a file, and what several of them need is in chunks that they share, so that a process has one of each module,
// whichever entries it loads. All files lie in one folder: src/own-files.ts finds those that are started by their names.
import { generateDtsBundle } from 'dts-bundle-generator';
import * as fs from 'node:fs';
import * as path from 'node:path';
import { fileURLToPath } from 'node:url';
import { rolldown } from 'rolldown';

const root = fileURLToPath(new URL('..', import.meta.url));
const shipped = path.join(root, 'build', 'src');

const PUBLIC = { index: 'src/index.ts', register: 'src/register.ts', testing: 'src/testing/index.ts' };
const START = 'src/register/start.ts';
const COMMAND = { cli: 'src/cli.ts', inspect: 'src/cli/inspect/index.ts' };
const STARTED_BY_NAME = {
  'export-worker': 'src/register/exports/export-worker.ts',
  'inspect-child': 'src/cli/inspect/child.ts',
  'loader-thread': 'src/loader-thread.ts',
};

export const ENTRIES = { ...PUBLIC, ...COMMAND, ...STARTED_BY_NAME };

/**
 * Chunks, each without what is in those before it, so that none needs a later one. Without this list, rolldown makes one for every set of entries that share
 * a module, and `register`, for which applications wait, would load twenty.
 */
const CHUNKS = [
  // `register` asks it before anything else is loaded.
  { name: 'internal-thread', has: (needs) => needs('src/watch/internal-thread.ts') },
  // Node waits for a loader thread, and an application that ends for the export thread.
  { name: 'loading', has: (needs) => needs(PUBLIC.index) && needs(STARTED_BY_NAME['loader-thread']) },
  { name: 'exporting', has: (needs) => needs(START) && needs(STARTED_BY_NAME['export-worker']) },
  { name: 'common', has: (needs) => [PUBLIC.index, START].some(needs) && Object.values(COMMAND).some(needs) },
  { name: 'core', has: (needs) => needs(PUBLIC.index) },
];

const { dependencies, peerDependencies } = JSON.parse(fs.readFileSync(path.join(root, 'package.json'), 'utf8'));
const installed = Object.keys({ ...dependencies, ...peerDependencies });

/** What npm installs with this package stays outside. Other libraries are bundled: only the command line, what it starts, and tests use them. */
const libraries = {
  name: 'libraries',
  resolveId(source, importer) {
    if (/^(?:[./\0]|[A-Z]:\\|node:)/.test(source) || importer === undefined) return null;
    const isInstalled = installed.some((name) => source === name || source.startsWith(`${name}/`));
    if (isInstalled) return { id: source, external: true };
    const [folder] = path.relative(path.join(root, 'src'), importer).split(path.sep);
    if (['..', 'cli', 'run-report', 'testing'].includes(folder)) return null;
    throw new Error(`${importer} needs ${source}, which is not installed with this package`);
  },
};

/** What a function of ours requires when it is called stays a file that is loaded then. rolldown by itself bundles it. */
const lazyModules = {
  name: 'lazy-modules',
  async resolveId(source, importer, { kind }) {
    if (kind !== 'require-call' || !source.startsWith('.') || importer.includes('node_modules')) return null;
    const { id } = await this.resolve(source, importer, { kind: 'import-statement', skipSelf: true });
    const name = path.basename(id.replace(/[\\/]index\.ts$/, ''), '.ts');
    this.emitFile({ type: 'chunk', id, fileName: `${name}.js` });
    return { id: `./${name}.js`, external: true };
  },
};

/**
 * Chunks use each other's functions for every pull, and V8 reads a property faster than it calls a getter. rolldown's getters are for
 * exports that change, which none of ours does.
 */
const exportsAsProperties = {
  name: 'exports-as-properties',
  renderChunk(code) {
    const getter =
      /^Object\.defineProperty\(exports, "([\w$]+)", \{\s+enumerable: true,\s+get: function \(\) \{\s+return ([\w$]+);\s+\}\s+\}\);$/gm;
    const replaced = code.replaceAll(getter, 'exports.$1 = $2;');
    if (/ get: function/.test(replaced)) throw new Error('rolldown writes exports in another way now');
    return replaced;
  },
};

const reachable = new Map();

/** The modules that an entry imports, and those that they import. */
function reachableFrom(entry, graph) {
  if (!reachable.has(entry)) {
    const found = new Set([entry]);
    // The loop meets what is added on the way.
    for (const id of found) for (const imported of graph.getModuleInfo(id)?.importedIds ?? []) found.add(imported);
    reachable.set(entry, found);
  }
  return reachable.get(entry);
}

const groups = CHUNKS.map(({ name, has }) => ({
  debugName: name,
  name(id, graph) {
    const { isEntry, code } = graph.getModuleInfo(id);
    const needs = (entry) => reachableFrom(path.join(root, entry), graph).has(id);
    return !isEntry && code !== null && has(needs) ? name : null;
  },
}));

async function scripts() {
  const bundle = await rolldown({
    cwd: root,
    platform: 'node',
    input: ENTRIES,
    plugins: [libraries, lazyModules, exportsAsProperties],
    preserveEntrySignatures: 'allow-extension',
    // Not package.json's `sideEffects`, which is about build/src.
    treeshake: { moduleSideEffects: true },
  });
  const { output } = await bundle.generate({
    format: 'cjs',
    strict: true,
    esModule: true,
    generatedCode: { symbols: false },
    minify: false,
    comments: false,
    chunkFileNames: '[name].js',
    codeSplitting: { groups },
  });
  return output;
}

/** @returns the licences of the packages that are bundled */
function licences(output) {
  const modules = output.flatMap((file) => Object.keys(file.modules));
  const folders = new Set(modules.flatMap((id) => /^.*[\\/]node_modules[\\/](?:@[^\\/]+[\\/])?[^\\/]+/.exec(id) ?? []));
  const texts = [...folders].sort().map((folder) => {
    const { name, version, license } = JSON.parse(fs.readFileSync(path.join(folder, 'package.json'), 'utf8'));
    const file = fs.readdirSync(folder).find((each) => /^licen[cs]e/i.test(each));
    if (file === undefined) throw new Error(`${folder} has no file with its licence`);
    return `${name} ${version} (${license})\n\n${fs.readFileSync(path.join(folder, file), 'utf8').trim()}\n`;
  });
  return `Software of others that is part of this package.\n\n${texts.join(`\n${'-'.repeat(80)}\n\n`)}`;
}

function types() {
  const names = Object.keys(PUBLIC);
  const entries = names.map((name) => ({ filePath: path.join(root, PUBLIC[name]), output: { noBanner: true } }));
  const texts = generateDtsBundle(entries, { preferredConfigPath: path.join(root, 'tsconfig.json') });
  return names.map((name, index) => [`${name}.d.ts`, texts[index]]);
}

/** Each file at once and whole, for those that are running the build meanwhile; and what else is there goes. */
function place(files) {
  fs.mkdirSync(shipped, { recursive: true });
  const folder = fs.mkdtempSync(path.join(root, 'build', '.new-'));
  try {
    for (const [name, text] of files) {
      const [from, to] = [path.join(folder, name), path.join(shipped, name)];
      if (fs.existsSync(to) && fs.readFileSync(to, 'utf8') === text) continue;
      fs.writeFileSync(from, text);
      if (name === 'cli.js') fs.chmodSync(from, 0o755);
      fs.renameSync(from, to);
    }
    for (const name of fs.readdirSync(shipped)) {
      if (!files.has(name)) fs.rmSync(path.join(shipped, name), { recursive: true });
    }
  } finally {
    fs.rmSync(folder, { recursive: true });
  }
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const output = await scripts();
  place(
    new Map([
      ...output.map(({ fileName, code }) => [fileName, code]),
      ['third-party-licences.txt', licences(output)],
      ...types(),
    ]),
  );
}

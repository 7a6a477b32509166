// Packs the package and uses the tarball as its users would: `npm run test:pack`. Needs the build.
//
// npm, pnpm and yarn install it into empty projects, on Node 20 with OpenTelemetry 2.x and on Node 24 with 3.x. In each
// project, programs in CommonJS, ES modules and TypeScript trace a CommonJS package and an ES module of npm's.
import { execFile } from 'node:child_process';
import { cpSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import * as path from 'node:path';
import { fileURLToPath } from 'node:url';
import { nodeFolder } from '../../scripts/nodes.mjs';
import { pack, QUIET, userEnvironment } from '../../scripts/packed-package.mjs';
import { installFrom } from '../support/suites.mjs';

const here = fileURLToPath(new URL('.', import.meta.url));
const root = fileURLToPath(new URL('../..', import.meta.url));
const bin = path.join(here, 'node_modules', '.bin');
const tsc = path.join(root, 'node_modules', 'typescript', 'bin', 'tsc');
const NAME = 'opentelemetry-instrumentation-async-generator';

/** Unpacked. */
const LARGEST = 1_250_000;

const LINES = [
  { node: 20, api: '~1.9.0', sdkNode: '^0.223.0', sdkTrace: '^2.12.1', nodeTypes: '^20.19.43' },
  { node: 24, api: '~1.10.0', sdkNode: '^0.301.0', sdkTrace: '^3.1.1', nodeTypes: '^24.0.0' },
];

const INSTALLERS = {
  npm: { command: 'npm', args: ['install', '--prefer-offline', ...QUIET] },
  pnpm: { command: path.join(bin, 'pnpm'), args: ['install', '--prefer-offline', '--ignore-scripts'] },
  yarn: {
    command: path.join(bin, 'yarn'),
    args: ['install', '--no-lockfile', '--non-interactive', '--ignore-scripts', '--prefer-offline'],
  },
};

/** How each program is run. All of them print the items they got and the names of the spans that came out. */
const PROGRAMS = [
  { name: 'CommonJS', args: ['commonjs.cjs'], spans: ['count', 'map'] },
  { name: 'ES module', args: ['--import', './setup.mjs', 'module.mjs'], spans: ['count', 'map'] },
  { name: 'TypeScript, CommonJS', args: ['out/typed-commonjs.cjs'], spans: ['count', 'byHand', 'map'] },
  { name: 'TypeScript, ES module', args: ['out/typed-module.mjs'], spans: ['count', 'Feed.byHand', 'map'] },
];

let passed = 0;
let failed = 0;

/** Runs one check and prints its line. What it throws or rejects with is why it failed. */
async function check(title, run) {
  const start = Date.now();
  try {
    const result = await run();
    passed++;
    console.log(`ok      ${title} (${((Date.now() - start) / 1000).toFixed(1)} s)`);
    return result;
  } catch (error) {
    failed++;
    console.log(`FAILED  ${title}\n${String(error.message).replace(/^/gm, '        ')}`);
    return undefined;
  }
}

/** Runs a command to its end, and resolves to its standard output; what it printed says why it failed. */
function execute(command, args, { cwd = root, node, env: more } = {}) {
  const env = { ...userEnvironment(node), ...more };
  return new Promise((resolve, reject) => {
    const child = execFile(command, args, { cwd, env, maxBuffer: 1e8 }, (error, stdout, stderr) => {
      if (error === null) resolve(stdout);
      else reject(new Error(`${path.basename(command)} ${args.join(' ')}\n${stdout}${stderr}`.slice(-6000)));
    });
    child.stdin?.end();
  });
}

function expectEqual(actual, expected) {
  const [a, b] = [JSON.stringify(actual), JSON.stringify(expected)];
  if (a !== b) throw new Error(`expected ${b}\n     got ${a}`);
}

/** Every file below a folder, by its path in it. */
function filesBelow(folder) {
  return readdirSync(folder, { recursive: true })
    .filter((file) => !file.split(path.sep).includes('node_modules') && statSync(path.join(folder, file)).isFile())
    .sort();
}

/** What has to be in the tarball, the files that the README links to among it, and nothing else. */
function checkContents(files) {
  const built = filesBelow(path.join(root, 'build', 'src')).map((file) => `build/src/${file}`);
  const readme = readFileSync(path.join(root, 'README.md'), 'utf8');
  const linked = [...readme.matchAll(/\]\((?!https?:|#)([^)#]+)/g)].map(([, file]) => file);
  const expected = ['package.json', 'schema/async-generator.schema.json', ...built, ...linked];
  const missing = expected.filter((file) => !files.includes(file));
  if (missing.length > 0) throw new Error(`not in the tarball: ${missing.join(', ')}`);
  const allowed =
    /^(LICENSE|(README|CHANGELOG|CONTRIBUTING)\.md|package\.json|doc\/.+\.(md|png|svg)|schema\/.+\.json|examples\/.+|build\/src\/[^/]+\.(js|d\.ts|txt))$/;
  const surplus = files.filter((file) => !allowed.test(file));
  if (surplus.length > 0) throw new Error(`in the tarball for nothing: ${surplus.join(', ')}`);
}

/** The modules of src in a file that is shipped, where each has a comment before it, with the lines that they begin in. */
function modulesIn(file) {
  const lines = readFileSync(file, 'utf8').split('\n');
  return lines.flatMap((text, index) => {
    const [, module] = /^\/\/ (src\/.+\.ts)$/.exec(text) ?? [];
    return module === undefined ? [] : [{ module, line: index + 1 }];
  });
}

/** A second copy of a module in a process would have a state of its own. */
function checkModules(folder) {
  const scripts = filesBelow(folder).filter((file) => file.endsWith('.js'));
  const modules = scripts.flatMap((file) => modulesIn(path.join(folder, file)).map(({ module }) => module));
  if (modules.length < 100) throw new Error(`only ${modules.length} modules of src are named in ${folder}`);
  expectEqual(
    modules.filter((module, index) => modules.indexOf(module) !== index),
    [],
  );
}

/** What users see of an error in our code: files and lines of the build. They lead to the source, by name of function and module. */
const STACK = `
  const { AsyncGeneratorInstrumentation } = require('${NAME}');
  try {
    new AsyncGeneratorInstrumentation({ targets: 'pkg[' });
  } catch ({ stack }) {
    console.log(JSON.stringify(stack));
  }
`;
function checkStack(stack) {
  const frames = [...stack.matchAll(/ at (?:new )?(\S+) \((.+async-generator[\\/]build[\\/]src[\\/].+):(\d+):\d+\)/g)];
  if (frames.length < 3) throw new Error(stack);
  for (const [frame, name, file, line] of frames) {
    const { module } = modulesIn(file).findLast((each) => each.line < Number(line)) ?? {};
    const isThere =
      module !== undefined && readFileSync(path.join(root, module), 'utf8').includes(name.split('.').at(-1));
    if (!isThere) throw new Error(`${frame} is not in ${module}\n${stack}`);
  }
}

/** Of which `register` has to load as few as it can. */
const WHAT_REGISTER_LOADS = `
  const path = require('node:path');
  const ours = path.dirname(require.resolve('${NAME}'));
  const names = Object.keys(require.cache).filter((file) => file.startsWith(ours + path.sep));
  console.log(JSON.stringify(names.map((file) => path.relative(ours, file)).sort()));
`;
const NAMES_NOT_IMPORTED = (entry) => `
  import { createRequire } from 'node:module';
  const imported = Object.keys(await import('${entry}'));
  const required = Object.keys(createRequire(process.cwd() + '/')('${entry}'));
  console.log(JSON.stringify(required.filter((name) => !imported.includes(name))));
`;

async function createProject(folder, line, installer, tarball) {
  const project = path.join(folder, `${installer}-${line.node}`);
  cpSync(path.join(here, 'programs'), project, { recursive: true });
  const manifest = {
    name: 'project',
    version: '1.0.0',
    private: true,
    license: 'UNLICENSED',
    dependencies: {
      '@opentelemetry/api': line.api,
      '@opentelemetry/sdk-node': line.sdkNode,
      '@opentelemetry/sdk-trace': line.sdkTrace,
      'it-map': '^3.1.6',
      [NAME]: `file:${tarball}`,
    },
    devDependencies: { '@types/node': line.nodeTypes },
  };
  writeFileSync(path.join(project, 'package.json'), JSON.stringify(manifest, null, 2));
  const { command, args } = INSTALLERS[installer];
  // Two yarns at once break each other's cache; the others know how to share theirs.
  const alone = installer === 'yarn' ? ['--mutex', `file:${path.join(folder, 'yarn.lock')}`] : [];
  await execute(command, [...args, ...alone], { cwd: project, node: line.node });
  // A copy, since hooks on packages do not fire for a linked folder, which is what a dependency on one becomes.
  cpSync(path.join(project, 'cjs-numbers'), path.join(project, 'node_modules', 'cjs-numbers'), { recursive: true });
  // Package managers have caches: what they installed must be what was packed.
  const installed = path.join(project, 'node_modules', NAME, 'build');
  const packed = path.join(folder, 'package', 'build');
  expectEqual(filesBelow(installed), filesBelow(packed));
  for (const file of filesBelow(packed)) {
    if (!readFileSync(path.join(installed, file)).equals(readFileSync(path.join(packed, file)))) {
      throw new Error(`${file} is not what was packed`);
    }
  }
  return project;
}

async function tryProject(folder, line, installer, tarball) {
  const where = `Node ${line.node}, sdk-node ${line.sdkNode}, ${installer}`;
  const project = await check(`${where}: installs`, () => createProject(folder, line, installer, tarball));
  if (project === undefined) return;
  await check(`${where}: TypeScript compiles (strict, skipLibCheck: false)`, () =>
    execute(process.execPath, [tsc, '-p', '.'], { cwd: project }),
  );
  const evaluate = async (...args) => JSON.parse(await execute('node', args, { cwd: project, node: line.node }));
  await check(`${where}: register loads few files, and presets only where there are no targets`, async () => {
    const loaded = async (env) =>
      JSON.parse(
        await execute('node', ['--require', `${NAME}/register`, '--eval', WHAT_REGISTER_LOADS], {
          cwd: project,
          node: line.node,
          env,
        }),
      );
    const chunks = ['common.js', 'core.js', 'exporting.js', 'loading.js', 'rolldown-runtime.js'];
    const files = [...chunks, 'internal-thread.js', 'register.js', 'start.js'].sort();
    expectEqual(await loaded({ OTEL_INSTRUMENTATION_ASYNC_GENERATOR_TARGETS: 'it-map[default]' }), files);
    expectEqual(await loaded({}), [...files, 'presets.js'].sort());
  });
  await check(`${where}: the stack of an error leads to the source`, async () => {
    checkStack(await evaluate('--eval', STACK));
  });
  for (const entry of [NAME, `${NAME}/testing`]) {
    await check(`${where}: what ${entry} exports can be imported by name`, async () => {
      expectEqual(await evaluate('--input-type=module', '--eval', NAMES_NOT_IMPORTED(entry)), []);
    });
  }
  for (const { name, args, spans } of PROGRAMS) {
    await check(`${where}: ${name} traces a CommonJS package and an ES module`, async () => {
      const output = await execute('node', args, { cwd: project, node: line.node });
      expectEqual(JSON.parse(output), { items: [0, 2, 4], spans });
    });
  }
}

async function main() {
  // Not `npm ci`, which refuses a lock file without the binaries of platforms that a registry does not serve.
  installFrom(here, ['install', '--no-save', '--ignore-scripts', ...QUIET]);
  const folder = mkdtempSync(path.join(tmpdir(), 'pack-'));
  try {
    const packed = await check('npm pack', async () => {
      const result = pack(folder);
      await execute('tar', ['-xzf', result.tarball, '-C', folder]);
      return result;
    });
    if (packed === undefined) return;
    const { tarball, files, unpackedSize } = packed;
    await check('the tarball has all that was built and nothing else', () => checkContents(files));
    await check('it is small', () => {
      if (unpackedSize > LARGEST) throw new Error(`${unpackedSize} bytes`);
    });
    await check('each module of src is in one file', () => checkModules(path.join(folder, 'package', 'build', 'src')));
    for (const { node } of LINES) nodeFolder(node);

    // Two at a time, as many as the smallest machine has cores.
    const lint = async () => {
      await check('publint', () => execute(path.join(bin, 'publint'), ['run', tarball, '--strict']));
      await check('are the types wrong?', () => execute(path.join(bin, 'attw'), [tarball]));
      await check('knip', () => execute(path.join(bin, 'knip'), ['--config', 'test/pack/knip.jsonc']));
    };
    const jobs = [lint];
    for (const installer of Object.keys(INSTALLERS)) {
      for (const line of LINES) jobs.push(() => tryProject(folder, line, installer, tarball));
    }
    const work = async () => {
      for (let job = jobs.shift(); job !== undefined; job = jobs.shift()) await job();
    };
    await Promise.all([work(), work()]);
  } finally {
    rmSync(folder, { recursive: true, force: true });
    console.log(`\npack: ${passed} checks passed, ${failed} failed`);
    process.exitCode = failed > 0 ? 1 : 0;
  }
}

await main();

import { diag, DiagLogLevel } from '@opentelemetry/api';
import { registerInstrumentations } from '@opentelemetry/instrumentation';
import { expect } from 'chai';
import * as fs from 'node:fs';
import * as path from 'node:path';
import { AsyncGeneratorInstrumentation, defineConfig, type AsyncGeneratorInstrumentationConfig } from '../../src';
import { FIXTURES, load, setUpPatching, spansOf, drain } from '../install/support';
import { PACKAGE_NAME } from '../../src/version';
import { runNode } from '../support/child';
import { PRESET_LIST } from '../support/presets';
import { makeFolder, writeFile } from '../support/folder';

const PREFIX = 'OTEL_INSTRUMENTATION_ASYNC_GENERATOR_';

describe('defineConfig', () => {
  it('gives the configuration back', () => {
    const config = { targets: ['pg', './src/**/*.js'], presets: ['openai'] };
    expect(defineConfig(config)).to.equal(config);
  });

  it('says what is wrong in it, where it is written', () => {
    const wrong = { targets: [{ module: 'pg', startOn: 'pul' }] };
    expect(() => defineConfig(wrong)).to.throw(TypeError, /^targets\[0\]\.startOn: 'pul' .*pull/);
    expect(() => defineConfig({ tragets: [] } as object)).to.throw(TypeError, /tragets/);
  });
});

describe('an instrumentation that is configured in code', () => {
  const patching = setUpPatching();
  const untouched = { ...process.env };
  const folder = makeFolder();
  let files = 0;
  afterEach(() => {
    for (const name of Object.keys(process.env)) if (!(name in untouched)) Reflect.deleteProperty(process.env, name);
  });

  /** Sets the environment, with names as they follow the prefix. */
  function environment(variables: Record<string, string>): void {
    for (const [name, value] of Object.entries(variables)) process.env[PREFIX + name] = value;
  }
  /** Writes a configuration file, each under a name of its own. */
  function file(text: string): string {
    return writeFile(folder, `${files++}.yaml`, text);
  }
  function make(config?: AsyncGeneratorInstrumentationConfig): AsyncGeneratorInstrumentation {
    const instrumentation = new AsyncGeneratorInstrumentation(config);
    made.push(instrumentation);
    return instrumentation;
  }
  const made: AsyncGeneratorInstrumentation[] = [];
  afterEach(() => {
    for (const instrumentation of made.splice(0)) instrumentation.disable();
  });
  const targetsOf = (instrumentation: AsyncGeneratorInstrumentation) =>
    instrumentation.getPatchReport().map(({ target }) => target);
  const reported = () => new Promise((resolve) => setImmediate(resolve));

  it('without variables has nothing but what the code says', () => {
    const config = { targets: 'it-map', timing: false };
    expect(make(config).getConfig()).to.deep.equal({ ...config, enabled: true });
  });

  it('takes what the code leaves out from the environment, then from the file', () => {
    const targets = ['writable-data[count]'];
    environment({
      TARGETS: 'from-env',
      PRESETS: 'node',
      CONFIG_FILE: file('presets: all\ntiming: false\nrequire_parent_span: true\ncontext_from: creation'),
    });
    expect(make({ targets, requireParentSpan: false, contextFrom: undefined }).getConfig()).to.deep.include({
      targets,
      presets: ['node'],
      timing: false,
      requireParentSpan: false,
      contextFrom: 'creation',
    });
  });

  it('traces the targets of the environment', async () => {
    environment({ TARGETS: 'writable-data[count]' });
    make();
    await drain(load('writable-data').count(1));
    expect(spansOf(patching.tracing)).to.deep.equal(['count completed']);
  });

  it('takes an empty list for an answer', () => {
    environment({ TARGETS: 'it-map', PRESETS: 'all' });
    expect(targetsOf(make({ targets: [], presets: [] }))).to.deep.equal([]);
  });

  it('starts relative paths of its own targets at the working directory, those of a file at the file', () => {
    environment({ CONFIG_FILE: file('targets: [./a.js]') });
    expect(make().getPatchReport()[0]?.message).to.include(path.join(fs.realpathSync(folder), 'a.js'));
    const [own] = make({ targets: './a.js' }).getPatchReport();
    expect(own?.message).to.include(path.join(process.cwd(), 'a.js'));
  });

  it('starts relative paths at `baseDir` wherever the targets come from', () => {
    environment({ TARGETS: './a.js' });
    expect(make({ baseDir: FIXTURES }).getPatchReport()[0]?.message).to.include(path.join(FIXTURES, 'a.js'));
  });

  it('takes the rest from outside with setConfig, too', () => {
    environment({ TARGETS: 'it-map' });
    const instrumentation = make({ targets: 'other' });
    instrumentation.setConfig({ timing: false });
    expect(targetsOf(instrumentation)).to.deep.equal(['it-map[*]']);
  });

  it('refuses a mistake in the code, and only that', () => {
    environment({ PRESETS: 'node', TARGETS: 'a[' });
    expect(() => make({ targets: 'b[' })).to.throw(TypeError, /^targets: 'b\[' is not allowed/);
    expect(() => make({ timing: null as never })).to.throw(TypeError, 'timing: null');
    expect(() => make(null as never)).to.throw(TypeError, 'config: null');
    expect(() => make([] as never)).to.throw(TypeError, 'config: []');
    expect(() => make({ presets: ['nod' as never] })).to.throw(
      TypeError,
      `presets[0]: 'nod' is not allowed; expected ${PRESET_LIST}; did you mean "node"?`,
    );
    expect(() => make({ presets: 'aws-sdk, nod' })).to.throw(
      TypeError,
      `presets: 'nod' is not allowed; expected ${PRESET_LIST}; did you mean "node"?`,
    );
    expect(() => make({ presets: {} as never })).to.throw(TypeError, `presets: {} is not allowed; expected "all"`);
    expect(targetsOf(make())).to.have.lengthOf(3);
  });

  it('reports mistakes in environment and file once, as errors, and goes on without', async () => {
    const name = file('timing: 3\ntargets: [it-map]');
    environment({ PRESETS: 'nod', CONFIG_FILE: name });
    expect(targetsOf(make())).to.deep.equal(['it-map[*]']);
    make();
    await reported();
    expect(patching.diagnostics).to.deep.equal([
      `${PACKAGE_NAME} ${PREFIX}PRESETS: 'nod' is not allowed; expected ${PRESET_LIST}; did you mean "node"?`,
      `${PACKAGE_NAME} ${name}: timing: 3 is not allowed; expected true or false`,
    ]);
  });

  it('reports a variable that does not exist, though it is the only one', async () => {
    environment({ TARGET: 'it-map' });
    make({ targets: 'it-map' });
    make({ targets: 'it-map' });
    await reported();
    expect(patching.warnings).to.have.lengthOf(1);
    expect(patching.warnings[0]).to.include(`${PREFIX}TARGET: unknown variable; did you mean ..._TARGETS?`);
  });

  it('reports a value that counts as another one as a warning', async () => {
    environment({ ENABLED: '0' });
    make();
    make();
    await reported();
    expect(patching.warnings).to.deep.equal([
      `${PACKAGE_NAME} ${PREFIX}ENABLED: '0' is not allowed; expected "true" or "false". It counts as "false"`,
    ]);
  });

  it('reports them to a logger that is set right after', async () => {
    const { stdout } = await runNode(
      [
        '--eval',
        `const { diag } = require('@opentelemetry/api');
        const { AsyncGeneratorInstrumentation, registerImportHooks } = require('opentelemetry-instrumentation-async-generator');
        registerImportHooks();
        new AsyncGeneratorInstrumentation();
        diag.setLogger({ error: console.log, warn() {}, info() {}, debug() {}, verbose() {} });`,
      ],
      { env: { [`${PREFIX}PRESETS`]: 'nod' } },
    );
    expect(stdout.trim().split('\n')).to.have.lengthOf(1);
    expect(stdout).to.match(
      /^opentelemetry-instrumentation-async-generator OTEL_INSTRUMENTATION_ASYNC_GENERATOR_PRESETS: 'nod' is not allowed/,
    );
  });

  it('lets registerImportHooks take the targets from the environment', async () => {
    const { stdout, stderr } = await runNode(
      [
        '--import',
        './setup-by-environment.cjs',
        '--input-type=module',
        '--eval',
        `import { count } from 'esm-only';
        for await (const item of count(2));`,
      ],
      { env: { [`${PREFIX}TARGETS`]: 'esm-only[count]' } },
    );
    expect(stderr.replace(/.*(?:ExperimentalWarning|--trace-warnings).*\n/g, '')).to.equal('');
    expect(stdout).to.equal('count completed\n');
  });

  describe('switched off', () => {
    for (const [how, set] of [
      ['by the environment', () => environment({ ENABLED: 'false' })],
      ['by a value of the environment that is no boolean', () => environment({ ENABLED: '0' })],
      ['by the file', () => environment({ CONFIG_FILE: file('enabled: false') })],
      [
        'by OTEL_NODE_DISABLED_INSTRUMENTATIONS',
        () => void (process.env.OTEL_NODE_DISABLED_INSTRUMENTATIONS = 'http,async-generator'),
      ],
    ] as const) {
      it(`${how} stays off when it is registered with an SDK, which enables what is not`, async () => {
        set();
        const instrumentation = make({ targets: 'writable-data[count]', baseDir: FIXTURES });
        const infos: string[] = [];
        const ignore = () => {};
        diag.setLogger(
          {
            info: (...parts: unknown[]) => void infos.push(parts.join(' ')),
            error: ignore,
            warn: ignore,
            debug: ignore,
            verbose: ignore,
          },
          { logLevel: DiagLogLevel.INFO, suppressOverrideMessage: true },
        );
        registerInstrumentations({ instrumentations: [instrumentation] });
        expect(instrumentation.isEnabled()).to.equal(false);
        expect(instrumentation.getConfig().enabled).to.equal(false);
        await drain(load('writable-data').count(1));
        expect(spansOf(patching.tracing)).to.deep.equal([]);
        expect(infos.join('\n')).to.include('switched off by');
      });
    }

    it('is switched on by `enabled: true` in code', () => {
      environment({ ENABLED: 'false' });
      expect(make({ enabled: true }).isEnabled()).to.equal(true);
      expect(make({ enabled: undefined }).isEnabled()).to.equal(false);
    });

    it('ends what was on when a new configuration leaves it to the environment', () => {
      environment({ ENABLED: 'false' });
      const instrumentation = make({ enabled: true });
      instrumentation.setConfig({});
      expect(instrumentation.isEnabled()).to.equal(false);
      instrumentation.setConfig({ enabled: true });
      instrumentation.enable();
      expect(instrumentation.isEnabled()).to.equal(true);
    });
  });
});

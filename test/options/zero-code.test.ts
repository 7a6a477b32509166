import { SpanKind } from '@opentelemetry/api';
import { expect } from 'chai';
import * as path from 'node:path';
import { AsyncGeneratorInstrumentation } from '../../src';
import { runNode } from '../support/child';
import { readZeroCodeConfig, type ZeroCodeConfig } from '../../src/options/sources';
import { PRESET_LIST } from '../support/presets';
import { makeFolder, writeFile } from '../support/folder';

const TARGETS = 'OTEL_INSTRUMENTATION_ASYNC_GENERATOR_TARGETS';
const PRESETS = 'OTEL_INSTRUMENTATION_ASYNC_GENERATOR_PRESETS';
const ENABLED = 'OTEL_INSTRUMENTATION_ASYNC_GENERATOR_ENABLED';
const GEN_AI = 'OTEL_INSTRUMENTATION_ASYNC_GENERATOR_GEN_AI';
const EXIT_TIMEOUT = 'OTEL_INSTRUMENTATION_ASYNC_GENERATOR_EXIT_TIMEOUT';
const CONFIG_FILE = 'OTEL_INSTRUMENTATION_ASYNC_GENERATOR_CONFIG_FILE';

describe('the configuration outside of code', () => {
  const cwd = makeFolder();

  /** Writes a file, and gives its path as from the working directory. */
  function file(name: string, text: string): string {
    writeFile(cwd, `config/${name}`, text);
    return `config/${name}`;
  }
  function read(env: NodeJS.ProcessEnv): ZeroCodeConfig {
    const config = readZeroCodeConfig(env, cwd);
    // Whatever was read: it can be used.
    new AsyncGeneratorInstrumentation({ targets: [], presets: [], ...config.instrumentation, enabled: false });
    return config;
  }
  const readFile = (text: string, env: NodeJS.ProcessEnv = {}) =>
    read({ ...env, [CONFIG_FILE]: file('own.yaml', text) });
  /** Our section in a file of the declarative configuration. */
  const declarative = (section: string, rest = '') =>
    file(
      'otel.yaml',
      `file_format: "1.0"\n${rest}\ninstrumentation/development:\n  js:\n    async_generator:\n${section.replace(/^/gm, '      ')}`,
    );

  it('is empty where nothing is set', () => {
    expect(read({})).to.deep.equal({
      sdkDisabled: false,
      enabled: true,
      exitTimeout: 2000,
      instrumentation: { baseDir: cwd },
      targets: undefined,
      namesTargets: false,
      problems: [],
      warnings: [],
    });
  });

  it('tells whether targets or presets are named, be it with mistakes', () => {
    const named = (env: NodeJS.ProcessEnv) => read(env).namesTargets;
    expect(named({ [TARGETS]: ' ', [PRESETS]: '', [ENABLED]: 'true' })).to.equal(false);
    expect(named({ [TARGETS]: 'a[' })).to.equal(true);
    expect(named({ [PRESETS]: 'auto' })).to.equal(true);
    expect(named({ [CONFIG_FILE]: file('own.yaml', 'timing: false\ntargets:') })).to.equal(false);
    expect(named({ [CONFIG_FILE]: file('own.yaml', 'presets: []') })).to.equal(true);
    expect(named({ [CONFIG_FILE]: file('own.yaml', 'targets: {}') })).to.equal(true);
    expect(named({ [CONFIG_FILE]: 'missing.yaml' })).to.equal(true);
    expect(named({ OTEL_CONFIG_FILE: file('otel.yaml', 'file_format: "1.0"') })).to.equal(false);
    expect(named({ OTEL_CONFIG_FILE: declarative('targets: [./a.js]') })).to.equal(true);
  });

  describe('in the environment', () => {
    it('names targets in the shorthand; relative paths start at the working directory', () => {
      const { instrumentation, problems } = read({
        [TARGETS]: ' @aws-sdk/client-s3[paginate*] ; ./src/**/*.js[a, b];',
      });
      expect(instrumentation).to.deep.equal({
        targets: ['@aws-sdk/client-s3[paginate*]', './src/**/*.js[a, b]'],
        baseDir: cwd,
      });
      expect(problems).to.deep.equal([]);
    });

    it('names presets, or all', () => {
      expect(read({ [PRESETS]: ' node, aws-sdk,' }).instrumentation.presets).to.deep.equal(['node', 'aws-sdk']);
      expect(read({ [PRESETS]: 'all' }).instrumentation.presets).to.equal('all');
      expect(read({ [PRESETS]: 'node,all' }).instrumentation.presets).to.equal('all');
      expect(read({ [PRESETS]: 'node,auto' }).instrumentation.presets).to.deep.equal(['node', 'auto']);
    });

    it('switches gen_ai on and off, before a file does', () => {
      const own = file('own.yaml', 'gen_ai: false');
      expect(read({ [GEN_AI]: 'false' }).instrumentation.genAi).to.equal(false);
      expect(read({ [GEN_AI]: 'true', [CONFIG_FILE]: own }).instrumentation.genAi).to.equal(true);
    });

    it('that is empty or white space counts as not set', () => {
      const env = { [TARGETS]: '', [PRESETS]: '  ', [ENABLED]: '', [CONFIG_FILE]: ' ', OTEL_CONFIG_FILE: '' };
      expect(read({ ...env, OTEL_SDK_DISABLED: '', OTEL_NODE_DISABLED_INSTRUMENTATIONS: '' })).to.deep.equal(read({}));
    });

    for (const [value, enabled] of [
      ['true', true],
      ['TRUE', true],
      ['false', false],
      [' False ', false],
    ] as const) {
      it(`${ENABLED}=${value} switches ${enabled ? 'nothing' : 'the instrumentation'} off`, () => {
        expect(read({ [ENABLED]: value })).to.include({ enabled, sdkDisabled: false });
      });
    }

    for (const value of ['0', 'no', 'off', '1', 'yes']) {
      it(`a switch that is neither true nor false (${value}) is false, with a warning`, () => {
        const { enabled, sdkDisabled, problems, warnings } = read({ [ENABLED]: value, OTEL_SDK_DISABLED: value });
        expect({ enabled, sdkDisabled, problems }).to.deep.equal({ enabled: false, sdkDisabled: false, problems: [] });
        expect(warnings).to.have.members([
          `${ENABLED}: '${value}' is not allowed; expected "true" or "false". It counts as "false"`,
          `OTEL_SDK_DISABLED: '${value}' is not allowed; expected "true" or "false". It counts as "false"`,
        ]);
      });
    }

    it('a switch that is neither true nor false still comes before a file', () => {
      const own = file('own.yaml', 'enabled: true');
      expect(read({ [ENABLED]: '0', [CONFIG_FILE]: own }).enabled).to.equal(false);
    });

    it('warns of a variable that does not exist, with the nearest', () => {
      const name = 'OTEL_INSTRUMENTATION_ASYNC_GENERATOR_TARGET';
      expect(read({ [name]: 'it-map' }).warnings).to.deep.equal([
        `${name}: unknown variable; did you mean ..._TARGETS? The variables are ..._TARGETS, ..._PRESETS, ..._CONFIG_FILE, ..._ENABLED, ..._GEN_AI, ..._EXIT_TIMEOUT, ..._CONTEXT_SWITCH`,
      ]);
    });

    it('warns of no variable that does not exist and is empty, or is not of this instrumentation', () => {
      const env = { OTEL_INSTRUMENTATION_ASYNC_GENERATOR_TARGET: ' ', OTEL_INSTRUMENTATION_HTTP_TARGET: 'it-map' };
      expect(read(env).warnings).to.deep.equal([]);
    });

    it('OTEL_SDK_DISABLED disables everything', () => {
      expect(read({ OTEL_SDK_DISABLED: 'True' }).sdkDisabled).to.equal(true);
      expect(read({ OTEL_SDK_DISABLED: 'false' }).sdkDisabled).to.equal(false);
    });

    it('OTEL_NODE_DISABLED_INSTRUMENTATIONS switches off what it lists', () => {
      const enabled = (list: string) => read({ OTEL_NODE_DISABLED_INSTRUMENTATIONS: list }).enabled;
      expect(enabled('http, async-generator')).to.equal(false);
      expect(enabled('http,opentelemetry-instrumentation-async-generator'), 'by its full name').to.equal(false);
      expect(enabled('http')).to.equal(true);
      expect(
        read({ OTEL_NODE_DISABLED_INSTRUMENTATIONS: 'async-generator', [ENABLED]: 'true' }).enabled,
        'against ..._ENABLED=true as well',
      ).to.equal(false);
    });

    it(`${EXIT_TIMEOUT} is a number of milliseconds`, () => {
      expect(read({ [EXIT_TIMEOUT]: ' 250 ' })).to.include({ exitTimeout: 250 });
      expect(read({ [EXIT_TIMEOUT]: '0' })).to.include({ exitTimeout: 0 });
    });

    for (const value of ['2s', '-1', 'Infinity']) {
      it(`${EXIT_TIMEOUT}=${value} is a mistake, and the default stays`, () => {
        const { exitTimeout, problems } = read({ [EXIT_TIMEOUT]: value });
        expect(exitTimeout).to.equal(2000);
        expect(problems).to.deep.equal([
          `${EXIT_TIMEOUT}: '${value}' is not allowed; expected a number of milliseconds, 0 or more`,
        ]);
      });
    }

    it(`${EXIT_TIMEOUT} comes before exit_timeout of the file, which is not an option of the instrumentation`, () => {
      const own = file('timeout.yaml', 'exit_timeout: 300');
      expect(read({ [CONFIG_FILE]: own }).exitTimeout).to.equal(300);
      expect(read({ [CONFIG_FILE]: own }).instrumentation).not.to.have.property('exitTimeout');
      expect(read({ [CONFIG_FILE]: own, [EXIT_TIMEOUT]: '400' }).exitTimeout).to.equal(400);
    });

    it('OTEL_NODE_ENABLED_INSTRUMENTATIONS, the list of others, switches nothing off', () => {
      expect(read({ OTEL_NODE_ENABLED_INSTRUMENTATIONS: 'http' }).enabled).to.equal(true);
    });

    it('loses only the entries with a mistake, each with a line that names the variable', () => {
      const { instrumentation, problems } = read({ [TARGETS]: 'it-map;pkg[a b];two words;other[c]' });
      expect(instrumentation.targets).to.deep.equal(['it-map', 'other[c]']);
      expect(problems).to.have.lengthOf(2);
      expect(problems[0]).to.match(
        /^OTEL_INSTRUMENTATION_ASYNC_GENERATOR_TARGETS: 'a b' is not allowed; expected a selector such as/,
      );
      expect(problems[1]).to.match(
        /^OTEL_INSTRUMENTATION_ASYNC_GENERATOR_TARGETS: 'two words' is not allowed; expected a package/,
      );
    });

    it('counts as not set where nothing of a list is left', () => {
      const own = file('own.yaml', 'targets: [it-map]\npresets: [node]');
      const { instrumentation, problems } = read({ [TARGETS]: 'pkg[', [PRESETS]: 'nodejs', [CONFIG_FILE]: own });
      expect(instrumentation).to.deep.include({ targets: ['it-map'], presets: ['node'] });
      expect(problems).to.deep.equal([
        `${TARGETS}: 'pkg[' is not allowed; expected a closing "]" for every "["`,
        `${PRESETS}: 'nodejs' is not allowed; expected ${PRESET_LIST}; did you mean "node"?`,
      ]);
    });

    it('knows one way to switch contexts by name', () => {
      const variable = 'OTEL_INSTRUMENTATION_ASYNC_GENERATOR_CONTEXT_SWITCH';
      for (const value of ['api', ' API ', '']) expect(read({ [variable]: value }).problems).to.deep.equal([]);
      expect(read({ [variable]: 'fast' }).problems).to.deep.equal([
        `${variable}: 'fast' is not allowed; expected "api"`,
      ]);
    });

    it('keeps the presets that there are', () => {
      const { instrumentation, problems } = read({ [PRESETS]: 'aws-skd,node' });
      expect(instrumentation.presets).to.deep.equal(['node']);
      expect(problems).to.deep.equal([
        `${PRESETS}: 'aws-skd' is not allowed; expected ${PRESET_LIST}; did you mean "aws-sdk"?`,
      ]);
    });
  });

  describe('in a file of its own', () => {
    it('has every option that is plain data', () => {
      const { instrumentation, enabled, problems } = readFile(`
        enabled: false
        gen_ai: false
        presets: [node]
        timing: false
        context_from: creation
        preserve_unhandled_rejections: true
        require_parent_span: true
        targets:
          - it-map[map]
          - module: openai
            versions: '>=5'
            exports: ['OpenAI.Chat.Completions#create']
            exclude: [b]
            span_name: openai.stream
            span_kind: client
            attributes: { app.team: search, weights: [1, 2] }
            start_on: call
      `);
      expect(problems).to.deep.equal([]);
      expect(enabled).to.equal(false);
      expect(instrumentation).to.deep.equal({
        presets: ['node'],
        genAi: false,
        timing: false,
        contextFrom: 'creation',
        preserveUnhandledRejections: true,
        requireParentSpan: true,
        targets: [
          'it-map[map]',
          {
            module: 'openai',
            versions: '>=5',
            exports: ['OpenAI.Chat.Completions#create'],
            exclude: ['b'],
            spanName: 'openai.stream',
            spanKind: SpanKind.CLIENT,
            attributes: { 'app.team': 'search', weights: [1, 2] },
            startOn: 'call',
          },
        ],
        baseDir: path.join(cwd, 'config'),
      });
    });

    it('may be JSON', () => {
      const own = file('own.json', '{\n\t"$schema": "./schema.json",\n\t"targets": ["it-map"], "timing": false\n}');
      const { instrumentation, problems } = read({ [CONFIG_FILE]: own });
      expect(problems).to.deep.equal([]);
      expect(instrumentation).to.deep.include({ targets: ['it-map'], timing: false });
    });

    it('may be named by an absolute path', () => {
      const own = path.join(cwd, file('own.yaml', 'targets: [./a.js]'));
      expect(read({ [CONFIG_FILE]: own }).instrumentation.baseDir).to.equal(path.join(cwd, 'config'));
    });

    for (const text of ['', '# nothing yet\n', 'targets:\n', '{}']) {
      it(`may be empty: ${JSON.stringify(text)}`, () => {
        expect(readFile(text)).to.deep.include({ problems: [], enabled: true });
      });
    }

    it('takes targets and presets as strings, which may refer to variables', () => {
      const { instrumentation, problems } = readFile('targets: ${T:-it-map;./a.js}\npresets: ${P}\ntiming: ${TIMING}', {
        P: 'node,aws-sdk',
        TIMING: 'false',
      });
      expect(problems).to.deep.equal([]);
      expect(instrumentation).to.deep.include({
        targets: ['it-map', './a.js'],
        presets: ['node', 'aws-sdk'],
        timing: false,
      });
    });

    it('leaves an option out whose variable is not set', () => {
      expect(readFile('timing: ${TIMING}')).to.deep.include({ problems: [], instrumentation: { baseDir: cwd } });
    });

    /** What stands in the file; the problem, after the name of the file. */
    const mistakes: [text: string, problem: string | RegExp][] = [
      [
        'targest: [a]',
        'targest: unknown key; did you mean targets? The keys are targets, presets, enabled, gen_ai, timing, context_from, preserve_unhandled_rejections, require_parent_span, exit_timeout',
      ],
      ['contextFrom: pull', /^contextFrom: unknown key; did you mean context_from\? The keys are targets, presets, /],
      ['qqq: 1', /^qqq: unknown key; the keys are targets, presets, enabled, gen_ai, timing/],
      ['__proto__: { enabled: false }', /^__proto__: unknown key; the keys are targets/],
      ['? { a: 1 }\n: b', /^\{ a: 1 \}: unknown key; the keys are targets/],
      ['timing: yes', `timing: 'yes' is not allowed; expected true or false`],
      ['timing: "true"', `timing: 'true' is not allowed; expected true or false`],
      ['context_from: call', `context_from: 'call' is not allowed; expected "pull" or "creation"`],
      ['targets: 3', /^targets: 3 is not allowed; expected an array of targets/],
      ['targets: "a["', /^targets: 'a\[' is not allowed; expected a closing/],
      ['targets: [7]', /^targets\[0\]: 7 is not allowed; expected a shorthand/],
      ['targets: ["a;b"]', /^targets\[0\]: 'a;b' is not allowed; expected one entry/],
      ['targets: ["a[b c]"]', /^targets\[0\]: 'b c' is not allowed; expected a selector/],
      ['targets: [{}]', /^targets\[0\]\.module: undefined is not allowed; expected a package/],
      [
        'targets: [{ modul: a }]',
        'targets[0].modul: unknown key; did you mean module? The keys are module, exports, exclude, versions, span_name, span_kind, attributes, start_on, thenable_members',
      ],
      [
        'targets: [{ module: a, spanName: b }]',
        /^targets\[0\]\.spanName: unknown key; did you mean span_name\? The keys are module, exports, /,
      ],
      [
        'targets: [{ module: a, exports: [b, "c d"] }]',
        /^targets\[0\]\.exports\[1\]: 'c d' is not allowed; expected a sel/,
      ],
      [
        'targets: [{ module: a, versions: latest }]',
        /^targets\[0\]\.versions: 'latest' is not allowed; expected a semver/,
      ],
      ['targets: [{ module: a, span_kind: 2 }]', /^targets\[0\]\.span_kind: 2 is not allowed; expected "internal" or /],
      ['targets: [{ module: a, span_name: "" }]', /^targets\[0\]\.span_name: '' is not allowed; expected a string/],
      ['targets: [{ module: a, attributes: { b: {} } }]', /^targets\[0\]\.attributes\.b: \{\} is not allowed/],
      [
        'targets: [{ module: a, thenable_members: [{}] }]',
        /^targets\[0\]\.thenable_members\[0\]\.name: undefined is not allowed; expected the name of a member/,
      ],
      ['presets: nod', `presets: 'nod' is not allowed; expected ${PRESET_LIST}; did you mean "node"?`],
      ['presets: [node, 1]', `presets[1]: 1 is not allowed; expected ${PRESET_LIST}`],
      ['presets: {}', 'presets: {} is not allowed; expected "all", "auto", or an array of names of presets'],
    ];
    for (const [text, problem] of mistakes) {
      it(`says where and what is wrong: ${text}`, () => {
        const { problems } = readFile(text);
        expect(problems).to.have.lengthOf(1);
        const [line] = problems as [string];
        expect(line.startsWith('config/own.yaml: '), line).to.equal(true);
        const said = line.slice('config/own.yaml: '.length);
        if (typeof problem === 'string') expect(said).to.equal(problem);
        else expect(said).to.match(problem);
      });
    }

    /** Of these not even the shape is right. */
    const unusable: [text: string, problem: RegExp][] = [
      ['[it-map]', /^config\/own\.yaml: \[ 'it-map' \] is not allowed; expected a mapping$/],
      ['it-map', /^config\/own\.yaml: 'it-map' is not allowed; expected a mapping$/],
      ['targets: [a\ntiming: true', /^config\/own\.yaml: Flow sequence .* end with a \] \(line 2, column 1\)$/],
      ['timing: true\ntiming: false', /^config\/own\.yaml: Map keys must be unique \(line 2, column 1\)$/],
      ['timing: true\n\ttargets: []', /^config\/own\.yaml: Tabs are not allowed as indentation \(line 2, column 1\)$/],
      ['{ "timing": true', /^config\/own\.yaml: .* must .*end with a } \(line 1, column 17\)$/],
      ['a: 1\n---\nb: 1', /^config\/own\.yaml: Source contains multiple documents.* \(line 2, column 1\)$/],
      ['a: 1\nb: *missing', /^config\/own\.yaml: there is no anchor &missing .* needs quotes \(line 2, column 4\)$/],
      ['targets: [**/*.js]', /^config\/own\.yaml: there is no anchor .* needs quotes \(line 1, column 11\)$/],
      ['targets:\n  - @aws/x', /^config\/own\.yaml: Plain value cannot .* @; .* needs quotes \(line 2, column 5\)$/],
      ['timing: ${A:?b}', /^config\/own\.yaml: \$\{A:\?b\} is not a reference; expected \$\{NAME\}/],
    ];
    for (const [text, problem] of unusable) {
      it(`is ignored, with one line, if it is ${JSON.stringify(text)}`, () => {
        const { problems, instrumentation } = readFile(text, { [PRESETS]: 'node' });
        expect(problems).to.have.lengthOf(1);
        expect(problems[0]).to.match(problem);
        expect(instrumentation).to.deep.equal({ presets: ['node'], baseDir: cwd });
      });
    }

    it('says that a file or variable has too many targets, and takes none of them', () => {
      const names = Array.from({ length: 20_000 }, (_, index) => `package-${index}`);
      for (const { problems, instrumentation } of [
        readFile(`targets: [${names.join()}]`),
        readFile(`targets: ${names.join(';')}`),
      ]) {
        expect(problems).to.have.lengthOf(1);
        expect(problems[0]).to.match(/expected at most 1000 entries, and these are 20000$/);
        expect(instrumentation).to.deep.equal({ baseDir: cwd });
      }
    });

    it('writes nothing to the console, whatever is in it', async () => {
      const own = path.join(cwd, file('own.yaml', '? { a: 1 }\n: !!odd b\ntargets: [it-map]'));
      const { stdout, stderr } = await runNode(
        ['--eval', `new (require('opentelemetry-instrumentation-async-generator').AsyncGeneratorInstrumentation)()`],
        { env: { [CONFIG_FILE]: own } },
      );
      expect({ stdout, stderr }).to.deep.equal({ stdout: '', stderr: '' });
    });

    it('says which file cannot be read, and why', () => {
      expect(read({ [CONFIG_FILE]: 'config/missing.yaml' }).problems).to.deep.equal([
        `${CONFIG_FILE}: cannot read ${path.join(cwd, 'config/missing.yaml')}: ENOENT: no such file or directory`,
      ]);
      expect(read({ [CONFIG_FILE]: 'config' }).problems).to.have.lengthOf(1);
    });

    it('loses a target with a mistake as a whole, and an option with a bad value, and nothing else', () => {
      const { instrumentation, problems } = readFile(`
        timing: maybe
        require_parent_span: true
        unknown: 1
        targets:
          - { module: a, exprots: [b], span_kind: 3 }
          - { module: c }
          - "d["
      `);
      expect(instrumentation).to.deep.include({ requireParentSpan: true, targets: [{ module: 'c' }] });
      expect(instrumentation).to.not.have.property('timing');
      expect(problems).to.have.lengthOf(4);
      expect(problems.find((line) => line.includes('targets[0]')))
        .to.include('exprots')
        .and.include('span_kind');
    });
  });

  describe("in OpenTelemetry's declarative configuration", () => {
    it('is at instrumentation/development: js: async_generator:', () => {
      const { instrumentation, problems } = read({
        OTEL_CONFIG_FILE: declarative('targets: [./a.js]\ncontext_from: creation'),
      });
      expect(problems).to.deep.equal([]);
      expect(instrumentation).to.deep.equal({
        targets: ['./a.js'],
        contextFrom: 'creation',
        baseDir: path.join(cwd, 'config'),
      });
    });

    it('may be missing: what else is in the file is for the SDK to judge', () => {
      for (const text of [
        'file_format: "1.0"\n',
        'instrumentation/development: 3',
        'instrumentation/development:\n',
        '[]',
      ]) {
        expect(read({ OTEL_CONFIG_FILE: file('otel.yaml', text) })).to.deep.equal(read({}));
      }
    });

    it('says where in the file something is wrong', () => {
      expect(read({ OTEL_CONFIG_FILE: declarative('timing: 1') }).problems).to.deep.equal([
        'config/otel.yaml: instrumentation/development.js.async_generator.timing: 1 is not allowed; expected true or false',
      ]);
    });

    for (const key of ['async-generator', 'asyncGenerator', 'opentelemetry-instrumentation-async-generator']) {
      it(`notices a section called ${key}`, () => {
        const env = { OTEL_CONFIG_FILE: file('otel.yaml', `instrumentation/development: { js: { ${key}: {} } }`) };
        expect(read(env).problems).to.deep.equal([
          `config/otel.yaml: instrumentation/development.js.${key}: unknown key; did you mean async_generator?`,
        ]);
      });
    }

    it('disables the SDK with `disabled: true`', () => {
      expect(read({ OTEL_CONFIG_FILE: declarative('{}', 'disabled: true') }).sdkDisabled).to.equal(true);
      expect(read({ OTEL_CONFIG_FILE: declarative('{}', 'disabled: false') }).sdkDisabled).to.equal(false);
    });

    it('takes its effect from OTEL_SDK_DISABLED, unless it refers to it', () => {
      const env = { OTEL_SDK_DISABLED: 'true' };
      expect(read({ ...env, OTEL_CONFIG_FILE: declarative('{}') }).sdkDisabled).to.equal(false);
      const referring = declarative('{}', 'disabled: ${OTEL_SDK_DISABLED:-false}');
      expect(read({ ...env, OTEL_CONFIG_FILE: referring }).sdkDisabled).to.equal(true);
      expect(read({ OTEL_CONFIG_FILE: referring }).sdkDisabled).to.equal(false);
    });

    it('leaves OTEL_SDK_DISABLED its effect where there is no such file', () => {
      const { sdkDisabled, problems } = read({ OTEL_SDK_DISABLED: 'true', OTEL_CONFIG_FILE: 'missing.yaml' });
      expect(sdkDisabled).to.equal(true);
      expect(problems).to.have.lengthOf(1);
      expect(problems[0]).to.match(/^OTEL_CONFIG_FILE: cannot read .*missing\.yaml: ENOENT/);
    });
  });

  describe('precedence, option by option', () => {
    it('the environment comes before the file', () => {
      const own = file('own.yaml', 'targets: [./file.js]\npresets: [node]\nenabled: false\ntiming: false');
      const { instrumentation, enabled } = read({ [TARGETS]: './env.js', [ENABLED]: 'true', [CONFIG_FILE]: own });
      expect(enabled).to.equal(true);
      expect(instrumentation).to.deep.equal({ targets: ['./env.js'], presets: ['node'], timing: false, baseDir: cwd });
    });

    it('its own file comes before the declarative configuration', () => {
      const own = file('own.yaml', 'timing: false');
      const { instrumentation } = read({
        [CONFIG_FILE]: own,
        OTEL_CONFIG_FILE: declarative('timing: true\nrequire_parent_span: true\ntargets: [./a.js]'),
      });
      expect(instrumentation).to.deep.equal({
        timing: false,
        requireParentSpan: true,
        targets: ['./a.js'],
        baseDir: path.join(cwd, 'config'),
      });
    });

    it('relative paths start where the targets come from, wherever the rest comes from', () => {
      const own = file('own.yaml', 'targets: [./a.js]');
      expect(read({ [PRESETS]: 'node', [CONFIG_FILE]: own }).instrumentation.baseDir).to.equal(
        path.join(cwd, 'config'),
      );
      const presetsOnly = file('own.yaml', 'presets: [node]');
      expect(read({ [TARGETS]: './a.js', [CONFIG_FILE]: presetsOnly }).instrumentation.baseDir).to.equal(cwd);
    });
  });
});

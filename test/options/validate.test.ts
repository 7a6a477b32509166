import { SpanKind } from '@opentelemetry/api';
import { expect } from 'chai';
import * as path from 'node:path';
import { resolveConfig } from '../../src/options/resolve';
import { registerImportHooks, type AsyncGeneratorInstrumentationConfig, type TargetConfig } from '../../src';
import { PRESET_NAMES } from '../../src/presets';
import { PRESET_LIST } from '../support/presets';

/** The message of the TypeError that a configuration is refused with. */
function refusal(config: unknown): string {
  try {
    resolveConfig(config as AsyncGeneratorInstrumentationConfig);
  } catch (error) {
    expect(error).to.be.instanceOf(TypeError);
    return (error as TypeError).message;
  }
  throw new Error('the configuration was accepted');
}

const target = (more: object) => ({ targets: [{ module: 'pkg', ...more }] });
const resolveTarget = (config: Partial<TargetConfig>) =>
  resolveConfig({ targets: [{ module: 'pkg', ...config }] }).targets[0];

describe('a configuration that is refused', () => {
  /** What is configured; then what the error has to say: the path, the value, what is allowed. */
  const table: [config: unknown, path: string, value: string, allowed: string][] = [
    [null, 'config', 'null', 'an object'],
    [[], 'config', '[]', 'an object'],
    ['it-map', 'config', "'it-map'", 'an object'],

    [{ timing: 'yes' }, 'timing', "'yes'", 'true or false'],
    [{ preserveUnhandledRejections: 1 }, 'preserveUnhandledRejections', '1', 'true or false'],
    [{ requireParentSpan: null }, 'requireParentSpan', 'null', 'true or false'],
    [{ enabled: 'false' }, 'enabled', "'false'", 'true or false'],
    [{ genAi: 'no' }, 'genAi', "'no'", 'true or false'],
    [{ contextFrom: 'call' }, 'contextFrom', "'call'", '"pull" or "creation"'],
    [{ onStart: {} }, 'onStart', '{}', 'a function'],
    [{ onItem: true }, 'onItem', 'true', 'a function'],
    [{ onEnd: 'log' }, 'onEnd', "'log'", 'a function'],
    [{ shouldTrace: false }, 'shouldTrace', 'false', 'a function'],
    [{ classifyError: 'failed' }, 'classifyError', "'failed'", 'a function'],
    [{ baseDir: 1 }, 'baseDir', '1', 'the path of a directory'],

    [{ targets: 1 }, 'targets', '1', 'a string, or an array of targets'],
    [{ targets: { module: 'pkg' } }, 'targets', "{ module: 'pkg' }", 'a string, or an array of targets'],
    [{ targets: 'pkg[' }, 'targets', "'pkg['", 'a closing "]"'],
    [{ targets: 'pkg[a];other[]' }, 'targets', "'other[]'", 'no empty selector'],
    [{ targets: 'pkg[a b]' }, 'targets.exports[0]', "'a b'", 'a selector such as'],
    [{ targets: ['a', 'b', 7] }, 'targets[2]', '7', 'a shorthand such as "module[selector,...]", or a target object'],
    // eslint-disable-next-line no-sparse-arrays -- what a comma too many makes
    [{ targets: [, 'a'] }, 'targets[0]', 'undefined', 'a shorthand'],
    // eslint-disable-next-line no-sparse-arrays
    [target({ exports: ['a', , 'b'] }), 'targets[0].exports[1]', 'undefined', 'a selector such as'],
    // eslint-disable-next-line no-sparse-arrays
    [{ presets: [, 'node'] as never }, 'presets[0]', 'undefined', PRESET_LIST],
    [{ targets: [null] }, 'targets[0]', 'null', 'a shorthand'],
    [{ targets: [['pkg']] }, 'targets[0]', "[ 'pkg' ]", 'a shorthand'],
    [{ targets: [''] }, 'targets[0]', "''", 'module[selector,...]'],
    [{ targets: ['a;b'] }, 'targets[0]', "'a;b'", 'one entry'],
    [{ targets: ['pkg', 'pkg[a,]'] }, 'targets[1]', "'pkg[a,]'", 'no empty selector'],
    [{ targets: ['pkg[a,b#c#d]'] }, 'targets[0].exports[1]', "'b#c#d'", 'a selector such as'],

    [{ targets: [{}] }, 'targets[0].module', 'undefined', 'a package'],
    [{ targets: [{ module: 1 }] }, 'targets[0].module', '1', 'a package'],
    [{ targets: [{ module: '' }] }, 'targets[0].module', "''", 'a package'],
    [{ targets: [{ module: 'two words' }] }, 'targets[0].module', "'two words'", 'a package'],
    [{ targets: [{ module: 'pkg/**' }] }, 'targets[0].module', "'pkg/**'", 'a package'],
    [{ targets: [{ module: '@scope' }] }, 'targets[0].module', "'@scope'", 'a package'],
    [target({ versions: 'latest' }), 'targets[0].versions', "'latest'", 'a semver range such as "^3.0.0"'],
    [target({ versions: 3 }), 'targets[0].versions', '3', 'a semver range'],
    [
      { targets: [{ module: './a.js', versions: '1' }] },
      'targets[0].versions',
      "'1'",
      'no versions for ./a.js, which is not a package',
    ],
    [{ targets: [{ module: 'node:fs', versions: '1' }] }, 'targets[0].versions', "'1'", 'which is not a package'],
    [target({ exports: 'a' }), 'targets[0].exports', "'a'", 'an array of at least one selector'],
    [target({ exports: [] }), 'targets[0].exports', '[]', 'an array of at least one selector'],
    [target({ exports: ['a', 1] }), 'targets[0].exports[1]', '1', 'a selector such as'],
    [target({ exports: ['a', ''] }), 'targets[0].exports[1]', "''", 'a selector such as'],
    [target({ exclude: 'a' }), 'targets[0].exclude', "'a'", 'an array of selectors'],
    [target({ exclude: ['a..b'] }), 'targets[0].exclude[0]', "'a..b'", 'a selector such as'],
    [target({ spanName: '' }), 'targets[0].spanName', "''", 'a string that is not empty, or a function'],
    [target({ spanName: 1 }), 'targets[0].spanName', '1', 'a string that is not empty, or a function'],
    [target({ spanKind: 'CLIENT' }), 'targets[0].spanKind', "'CLIENT'", 'a SpanKind of @opentelemetry/api'],
    [target({ spanKind: 9 }), 'targets[0].spanKind', '9', 'a SpanKind of @opentelemetry/api'],
    [target({ attributes: [] }), 'targets[0].attributes', '[]', 'an object of attributes'],
    [target({ attributes: 'a=b' }), 'targets[0].attributes', "'a=b'", 'an object of attributes'],
    [target({ attributes: { a: { b: 1 } } }), 'targets[0].attributes.a', '{ b: 1 }', 'a string, number, boolean'],
    [target({ attributes: { a: null } }), 'targets[0].attributes.a', 'null', 'a string, number, boolean'],
    [target({ attributes: { a: [{}] } }), 'targets[0].attributes.a', '[ {} ]', 'an array of one of them'],
    [target({ attributes: { a: [1, 'b'] } }), 'targets[0].attributes.a', "[ 1, 'b' ]", 'an array of one of them'],
    [target({ startOn: 'next' }), 'targets[0].startOn', "'next'", '"pull" or "call"'],
    [target({ shouldTrace: true }), 'targets[0].shouldTrace', 'true', 'a function'],
    [target({ thenableMembers: 'then' }), 'targets[0].thenableMembers', "'then'", 'an array of { name, property? }'],
    [target({ thenableMembers: ['a'] }), 'targets[0].thenableMembers[0]', "'a'", 'an object'],
    [target({ thenableMembers: [{}] }), 'targets[0].thenableMembers[0].name', 'undefined', 'the name of a member'],
    [
      target({ thenableMembers: [{ name: 'a', property: '' }] }),
      'targets[0].thenableMembers[0].property',
      "''",
      'the name of a member',
    ],
  ];

  for (const [config, path, value, allowed] of table) {
    it(`says where, what and what is right: ${path} = ${value}`, () => {
      const message = refusal(config);
      expect(message.startsWith(`${path}: ${value} is not allowed; expected `), message).to.equal(true);
      expect(message.slice(message.indexOf('expected'))).to.contain(allowed);
    });
  }

  it('names the nearest key where one is unknown, then all there are, the important ones first', () => {
    const message = refusal({ target: ['it-map'] });
    expect(message).to.match(/^target: unknown key; did you mean targets\? The keys are targets, presets, baseDir, /);
    expect(message.split(/[ ,]+/)).to.include.members(['timing', 'onStart', 'enabled']);
  });

  it('names only the keys there are where none is near', () => {
    expect(refusal({ qqqqqqqqqq: 1 })).to.match(/^qqqqqqqqqq: unknown key; the keys are targets, presets, /);
  });

  it('names the keys of a target where one of those is unknown', () => {
    expect(refusal({ targets: ['a', { modul: 'pkg' }] })).to.match(
      /^targets\[1\]\.modul: unknown key; did you mean module\? The keys are module, exports, /,
    );
  });

  it('names the keys of registerImportHooks where one of those is unknown', () => {
    expect(() => {
      registerImportHooks({ target: ['it-map'] } as never);
    }).to.throw(
      TypeError,
      /^target: unknown key; did you mean targets\? The keys are targets, presets, baseDir, enabled$/,
    );
  });

  it('may be given to registerImportHooks with the options of the instrumentation alone: both may be given the same object', () => {
    expect(() => resolveConfig({ timing: false }, ['targets'])).to.not.throw();
  });

  it('takes no key from the prototype of objects for a known one', () => {
    expect(refusal({ constructor: 1 })).to.match(/^constructor: unknown key; /);
    expect(refusal(JSON.parse('{ "__proto__": { "a": 1 } }'))).to.match(/^__proto__: unknown key; /);
  });

  it('shows only the beginning of a long value', () => {
    expect(refusal({ baseDir: 1, timing: 'x'.repeat(10_000) }).length).to.be.below(300);
    expect(refusal({ timing: 'x'.repeat(10_000) }).length).to.be.below(300);
  });
});

describe('a configuration that is too large is refused at once', () => {
  const MANY = Array.from({ length: 20_000 }, (_, index) => `package-${index}`);
  const LONG = 'a'.repeat(10_000_000);
  const table: [what: string, config: AsyncGeneratorInstrumentationConfig, path: string][] = [
    ['many targets', { targets: MANY }, 'targets'],
    ['many targets in one string', { targets: MANY.join(';') }, 'targets'],
    ['many selectors', { targets: [{ module: 'pkg', exports: MANY }] }, 'targets[0].exports'],
    ['many selectors to leave alone', { targets: [{ module: 'pkg', exclude: MANY }] }, 'targets[0].exclude'],
    ['many selectors in a shorthand', { targets: [`pkg[${MANY.join()}]`] }, 'targets[0].exports'],
    ['the long name of a package', { targets: [LONG] }, 'targets[0].module'],
    ['a long path', { targets: [{ module: `./${LONG}` }] }, 'targets[0].module'],
    ['a long glob', { targets: [{ module: `./${'*a'.repeat(5_000_000)}` }] }, 'targets[0].module'],
    ['a long selector', { targets: [{ module: 'pkg', exports: [LONG] }] }, 'targets[0].exports[0]'],
    [
      'a long selector of dots',
      { targets: [{ module: 'pkg', exports: ['a.'.repeat(5_000_000)] }] },
      'targets[0].exports[0]',
    ],
    ['a long shorthand', { targets: `pkg[${'*a'.repeat(5_000_000)}]` }, 'targets.exports[0]'],
  ];
  for (const [what, config, path] of table) {
    it(what, () => {
      const message = refusal(config);
      expect(message.startsWith(`${path}: `), message.slice(0, 200)).to.equal(true);
      expect(message).to.match(/ is not allowed; expected at most \d+ (?:entries|characters), and these are \d+$/);
      expect(message.length).to.be.below(6000);
    });
  }
});

describe('a configuration that is accepted', () => {
  it('may be empty: nothing is traced', () => {
    expect(resolveConfig({})).to.deep.include({
      targets: [],
      baseDir: process.cwd(),
      timing: true,
      contextFrom: 'pull',
      preserveUnhandledRejections: false,
      requireParentSpan: false,
      genAi: true,
    });
  });

  it('may switch gen_ai off', () => {
    expect(resolveConfig({ genAi: false }).genAi).to.equal(false);
  });

  it('takes undefined for a field that is left out', () => {
    const config = {
      targets: undefined,
      baseDir: undefined,
      timing: undefined,
      contextFrom: undefined,
      genAi: undefined,
      onItem: undefined,
    };
    expect(resolveConfig(config)).to.deep.equal(resolveConfig({}));
    expect(
      resolveTarget({ exports: undefined, exclude: undefined, spanKind: undefined, versions: undefined }),
    ).to.deep.include({ text: 'pkg[*]', exclude: [], spanKind: SpanKind.INTERNAL, versions: undefined });
  });

  it('takes targets as one string, as shorthands and as objects', () => {
    const texts = (targets: AsyncGeneratorInstrumentationConfig['targets']) =>
      resolveConfig({ targets }).targets.map(({ text }) => text);
    expect(texts('it-map; @scope/pkg[a, b*];')).to.deep.equal(['it-map[*]', '@scope/pkg[a,b*]']);
    expect(texts(['it-map', '@scope/pkg[a, b*]', { module: 'other', exports: ['c'] }])).to.deep.equal([
      'it-map[*]',
      '@scope/pkg[a,b*]',
      'other[c]',
    ]);
    expect(texts('')).to.deep.equal([]);
    expect(texts(' ; ')).to.deep.equal([]);
  });

  it('takes presets as one string, as in files and the environment, or as an array', () => {
    const presets = (value: AsyncGeneratorInstrumentationConfig['presets']) => [
      ...new Set(resolveConfig({ presets: value }).targets.map(({ preset }) => preset)),
    ];
    expect(presets('aws-sdk')).to.deep.equal(['aws-sdk']);
    expect(presets('node, aws-sdk,')).to.deep.equal(['node', 'aws-sdk']);
    expect(presets(['node'])).to.deep.equal(['node']);
    expect(presets('all')).to.deep.equal(PRESET_NAMES);
    expect(presets('node,all')).to.deep.equal(PRESET_NAMES);
    expect(presets('')).to.deep.equal([]);
    expect(presets(['all'])).to.deep.equal(PRESET_NAMES);
    expect(presets(['node', 'all'])).to.deep.equal(PRESET_NAMES);
  });

  it('may be a constant, whose words TypeScript takes for any string', () => {
    const options = {
      presets: ['node'],
      contextFrom: 'creation',
      targets: [{ module: 'pkg', startOn: 'call', exports: ['a'] }],
    };
    const config: AsyncGeneratorInstrumentationConfig = options;
    const { contextFrom, targets } = resolveConfig(config);
    expect(contextFrom).to.equal('creation');
    expect(targets[0]).to.include({ startOn: 'call' });
    expect(targets[1]).to.include({ preset: 'node' });
  });

  it('fills in what a target leaves out', () => {
    expect(resolveTarget({})).to.deep.include({
      text: 'pkg[*]',
      versions: undefined,
      exclude: [],
      spanName: undefined,
      spanKind: SpanKind.INTERNAL,
      attributes: {},
      startOn: 'pull',
      shouldTrace: undefined,
      thenableMembers: [],
    });
  });

  it('keeps what a target says', () => {
    const spanName = () => 'a name';
    const shouldTrace = () => true;
    const attributes = { text: 'a', number: 1, flag: false, texts: ['a', 'b'], none: [] };
    expect(
      resolveTarget({
        versions: '^1.2.0',
        spanName,
        spanKind: SpanKind.CLIENT,
        attributes,
        startOn: 'call',
        shouldTrace,
        thenableMembers: [{ name: 'withResponse', property: 'data' }],
      }),
    ).to.deep.include({
      versions: '^1.2.0',
      spanName,
      spanKind: SpanKind.CLIENT,
      attributes,
      startOn: 'call',
      shouldTrace,
      thenableMembers: [{ name: 'withResponse', property: 'data' }],
    });
  });

  it('takes an attribute that is undefined, as the API does', () => {
    expect(() => resolveTarget({ attributes: { 'app.region': undefined } })).to.not.throw();
  });

  it('takes an empty list of exclusions', () => {
    expect(resolveTarget({ exclude: [] })?.exclude).to.deep.equal([]);
  });

  it('starts relative paths at `baseDir`', () => {
    const [own] = resolveConfig({ baseDir: '/app/config', targets: ['../src/stream.js'] }).targets;
    expect(own?.module).to.deep.include({ kind: 'file', base: '/app/src/stream.js' });
  });

  it('takes a `baseDir` from the working directory as it is then', () => {
    expect(resolveConfig({ baseDir: 'src' }).baseDir).to.equal(path.resolve('src'));
  });
});

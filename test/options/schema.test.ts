import Ajv2020 from 'ajv/dist/2020';
import { expect } from 'chai';
import * as fs from 'node:fs';
import * as path from 'node:path';
import { readSection } from '../../src/options/resolve';
import { PRESET_NAMES } from '../../src/presets';
import { ROOT } from '../support/child';
import { generate, readGrammar, seededRandom } from '../targets/grammar';

const schema = JSON.parse(fs.readFileSync(path.join(ROOT, 'schema/async-generator.schema.json'), 'utf8')) as object;
const isOfSchema = new Ajv2020({ allErrors: true, allowUnionTypes: true, strict: true }).compile(schema);

/** What the reader that applications get has to say about a document. */
function problemsOf(document: unknown): string[] {
  const problems: string[] = [];
  readSection('file.yaml', document, { baseDir: ROOT, problems }, 'file.yaml: ');
  return problems;
}

const target = (more: object) => ({ targets: [{ module: 'pkg', ...more }] });

const GOOD: unknown[] = [
  {},
  null,
  { $schema: './node_modules/x/schema.json' },
  { targets: [] },
  { targets: null },
  { targets: '' },
  { targets: 'it-map;./src/**/*.js[*]' },
  { targets: ['it-map', '@scope/pkg/sub[a, b*]', { module: 'openai' }] },
  ...[
    'pkg',
    '@scope/pkg',
    '@scope/pkg/sub/path.js',
    'node:fs',
    'node:not-yet',
    'fs/promises',
    './a',
    '../a/**/*.js',
    '/abs/a.js',
    'file:///a.js',
  ].map((module) => ({ targets: [{ module }] })),
  target({ versions: '^3.0.0' }),
  target({ versions: null, exports: null, exclude: null, span_name: null, span_kind: null, start_on: null }),
  { targets: [{ module: './a.js', versions: null }] },
  ...['paginate*', 'Client#stream', 'Client.from', 'ns.inner.fn', 'default', '*', 'Client#*', 'a-b', '$'].map(
    (selector) => target({ exports: [selector], exclude: [selector] }),
  ),
  ...[
    'Client#[Symbol.asyncIterator]',
    'create()',
    'create().stream',
    'create().a.b',
    'create().*',
    'new Client().stream',
  ].map((selector) => target({ exports: [selector] })),
  target({ exclude: [] }),
  target({ span_name: 'orders', start_on: 'call' }),
  target({ thenable_members: [] }),
  target({ thenable_members: [{ name: 'asResponse' }, { name: 'withResponse', property: 'data' }] }),
  ...['internal', 'server', 'client', 'producer', 'consumer'].map((kind) => target({ span_kind: kind })),
  target({ attributes: {} }),
  target({ attributes: { a: 'x', b: 1, c: true, d: [], e: ['x', 'y'], f: [1, 2], g: [true] } }),
  { presets: 'all' },
  { presets: 'auto' },
  { presets: ['auto', 'node'] },
  { presets: 'auto,node' },
  { presets: [] },
  { presets: ['all'] },
  { presets: ['node', 'aws-sdk'] },
  { presets: ' aws-sdk , node ' },
  { presets: '' },
  { presets: null },
  { enabled: false, gen_ai: false, timing: true, preserve_unhandled_rejections: true, require_parent_span: false },
  {
    enabled: null,
    gen_ai: null,
    timing: null,
    context_from: null,
    preserve_unhandled_rejections: null,
    require_parent_span: null,
  },
  { exit_timeout: 0 },
  { exit_timeout: 2500.5 },
  { exit_timeout: null },
  { context_from: 'pull' },
  { context_from: 'creation' },
];

const BAD: unknown[] = [
  [],
  'it-map',
  1,
  true,
  { target: [] },
  { Targets: [] },
  { contextFrom: 'pull' },
  { baseDir: '.' },
  { targets: 1 },
  { targets: { module: 'pkg' } },
  { targets: [1] },
  { targets: [null] },
  { targets: [''] },
  { targets: ['it-map', ['a']] },
  { targets: [{}] },
  { targets: [{ module: null }] },
  ...['', 'two words', 'pkg/**', '@scope', 'a:b', 1, '.', 'node:', '..'].map((module) => ({ targets: [{ module }] })),
  target({ spanName: 'a' }),
  target({ exprots: ['a'] }),
  target({ should_trace: 'yes' }),
  target({ versions: 3 }),
  target({ exports: 'a' }),
  target({ exports: [] }),
  target({ exports: [null] }),
  target({ exports: [1] }),
  ...[
    '',
    'a b',
    'a#b#c',
    'a..b',
    '.a',
    'a.',
    '#a',
    'new Client()',
    'create().*.a',
    'a()b',
    'f(x)',
    'a,b',
    '[Symbol.x]',
    'a[',
  ].map((selector) => target({ exports: [selector] })),
  target({ exclude: 'a' }),
  target({ exclude: ['a b'] }),
  target({ span_name: '' }),
  target({ span_name: 1 }),
  target({ span_kind: 'CLIENT' }),
  target({ span_kind: 2 }),
  target({ attributes: [] }),
  target({ attributes: 'a=b' }),
  target({ attributes: { a: null } }),
  target({ attributes: { a: {} } }),
  target({ attributes: { a: [1, 'b'] } }),
  target({ attributes: { a: [[1]] } }),
  target({ attributes: { a: [null] } }),
  target({ start_on: 'next' }),
  target({ thenable_members: 'withResponse' }),
  target({ thenable_members: ['withResponse'] }),
  target({ thenable_members: [{ property: 'data' }] }),
  target({ thenable_members: [{ name: '' }] }),
  target({ thenable_members: [{ name: 'withResponse', property: 1 }] }),
  target({ thenable_members: [{ name: 'withResponse', properties: 'data' }] }),
  { targets: [{ module: './a.js', versions: '1' }] },
  { targets: [{ module: 'node:fs', versions: '1' }] },
  { presets: 1 },
  { presets: 'nod' },
  { presets: 'node aws-sdk' },
  { presets: ['nod'] },
  { presets: ['all', 'nod'] },
  { presets: 'all,nod' },
  { presets: [1] },
  { presets: { node: true } },
  { enabled: 'false' },
  { gen_ai: 'no' },
  { timing: 1 },
  { context_from: 'call' },
  { preserve_unhandled_rejections: 'yes' },
  { require_parent_span: {} },
  { exit_timeout: '2000' },
  { exit_timeout: -1 },
];

/** What a schema cannot tell: brackets that balance, ranges of versions, which names core modules have, URLs of other hosts. */
const ONLY_THE_READER_TELLS: unknown[] = [
  { targets: 'pkg[' },
  { targets: ['pkg[a b]'] },
  { targets: ['a;b'] },
  target({ versions: 'latest' }),
  { targets: [{ module: 'fs', versions: '1' }] },
  { targets: [{ module: 'file://host/a.js' }] },
];

describe('the JSON Schema of the configuration file and the reader', () => {
  for (const document of GOOD) {
    it(`both accept ${JSON.stringify(document)}`, () => {
      expect(problemsOf(document)).to.deep.equal([]);
      expect(isOfSchema(document), JSON.stringify(isOfSchema.errors)).to.equal(true);
    });
  }

  for (const document of BAD) {
    it(`both refuse ${JSON.stringify(document)}`, () => {
      expect(problemsOf(document)).to.not.deep.equal([]);
      expect(isOfSchema(document)).to.equal(false);
    });
  }

  for (const document of ONLY_THE_READER_TELLS) {
    it(`the reader alone refuses ${JSON.stringify(document)}`, () => {
      expect(problemsOf(document)).to.not.deep.equal([]);
      expect(isOfSchema(document)).to.equal(true);
    });
  }

  it('agree on documents that are put together at random', () => {
    const random = seededRandom(3);
    const pick = <T>(from: readonly T[]): T => from[Math.floor(random() * from.length)] as T;
    const mappings = [...GOOD, ...BAD].filter(
      (each) => typeof each === 'object' && each !== null && !Array.isArray(each),
    );
    let accepted = 0;
    for (let round = 0; round < 2000; round++) {
      const parts = Array.from({ length: 1 + Math.floor(random() * 4) }, () => {
        const good = random() < 0.8;
        return pick(mappings.filter((each) => GOOD.includes(each) === good)) as object;
      });
      const targets = parts.flatMap((part) => ('targets' in part && Array.isArray(part.targets) ? part.targets : []));
      const document: object = Object.assign({}, ...parts, targets.length > 0 ? { targets } : {});
      const problems = problemsOf(document);
      expect(isOfSchema(document), `${JSON.stringify(document)}: ${problems.join('\n')}`).to.equal(
        problems.length === 0,
      );
      if (problems.length === 0) accepted++;
    }
    expect(accepted).to.be.within(200, 1800);
  });

  it('agree on selectors: those of the grammar, and those with a character too many or too few', () => {
    const grammar = readGrammar(fs.readFileSync(path.join(ROOT, 'src/targets/selector.ts'), 'utf8'));
    const random = seededRandom(4);
    const specials = {
      character: () => 'ab*-$'[Math.floor(random() * 5)] as string,
      holder: () => ['stream', 'inner', '[Symbol.asyncIterator]'][Math.floor(random() * 3)] as string,
      known: () => 'asyncIterator',
      computed: () => ['a', 'a.b'][Math.floor(random() * 2)] as string,
    };
    const verdicts = { accepted: 0, refused: 0 };
    for (let round = 0; round < 3000; round++) {
      const { text } = generate(grammar, 'selector', random, specials);
      const at = Math.floor(random() * (text.length + 1));
      const extra = '.#,;()[] *a'[Math.floor(random() * 11)] as string;
      for (const selector of [
        text,
        text.slice(0, at) + extra + text.slice(at),
        text.slice(0, at) + text.slice(at + 1),
      ]) {
        const document = target({ exports: [selector] });
        const isGood = problemsOf(document).length === 0;
        expect(isOfSchema(document), `${JSON.stringify(selector)}`).to.equal(isGood);
        verdicts[isGood ? 'accepted' : 'refused']++;
      }
    }
    expect(verdicts.accepted).to.be.greaterThan(3000);
    expect(verdicts.refused).to.be.greaterThan(500);
  });

  it('know the same presets', () => {
    const names = (schema as { $defs: { preset: { oneOf: { const: string }[] } } }).$defs.preset.oneOf;
    expect(names.map((each) => each.const)).to.deep.equal(['all', 'auto', ...PRESET_NAMES]);
    for (const name of PRESET_NAMES) expect(isOfSchema({ presets: `node,${name}` })).to.equal(true);
  });

  it('describes every key, for editors', () => {
    type Described = { description?: string; properties: Record<string, { description?: string }> };
    const { properties, $defs } = schema as Described & { $defs: Record<string, Described> };
    const all = [...Object.values(properties), ...Object.values($defs.target?.properties ?? {})];
    expect(all).to.have.length.greaterThan(14);
    for (const each of all) expect(each.description).to.match(/^[A-Z].+\.$/);
  });
});

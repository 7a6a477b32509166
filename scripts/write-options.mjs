// Writes what is generated from the table of options (src/options/table.ts) and from the presets (src/presets): the JSON Schema of the
// configuration file, and the tables in README.md, doc/configuration.md and doc/presets.md. With --check it only looks.
import { readFileSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import * as prettier from 'prettier';
import { require } from 'tsx/cjs/api';

const { PREFIX } = require('../src/options/sources.ts', import.meta.url);
const { OPTIONS, namesIn, toSnakeCase } = require('../src/options/table.ts', import.meta.url);
const { PRESET_NAMES, PRESETS } = require('../src/presets/index.ts', import.meta.url);

const variableOf = (name) => PREFIX + toSnakeCase(name).toUpperCase();
/** Functions can only be given in code. */
const namesInFile = (home) => namesIn(home).filter((name) => OPTIONS[name].type !== 'function');

// Patterns, for which the parsers are in src/targets. `test/options/schema.test.ts` compares them.
const oneOf = (...patterns) => `(?:${patterns.join('|')})`;
// Not what this version of Node knows: the schema is the same whichever writes it.
const SYMBOLS =
  'asyncDispose asyncIterator dispose hasInstance isConcatSpreadable iterator match matchAll replace search species split toPrimitive toStringTag unscopables';
const SYMBOL = String.raw`\[Symbol\.${oneOf(...SYMBOLS.split(' '))}\]`;
const NAME = String.raw`[^\s.#,;()\[\]/]+`;
const NAMES = String.raw`${NAME}(?:\.${NAME})*`;
const KEY = oneOf(SYMBOL, NAME);
const EXPORT = String.raw`${KEY}(?:\.${KEY})*(?:#${KEY})?`;
const HOLDER = oneOf(SYMBOL, String.raw`[^\s.#,;()\[\]/*]+`);
const MADE = String.raw`(?:(?:\.${HOLDER})*\.${KEY})`;
const COMPUTED = String.raw`\[(?!Symbol\.)${NAMES}\]`;
const STEP = oneOf(String.raw`\*\*`, String.raw`${NAMES}(?:[.#]${oneOf(`#?${NAME}`, SYMBOL, COMPUTED)})?`);
const SELECTOR = `^${oneOf(EXPORT, String.raw`${EXPORT}\(\)${MADE}?`, String.raw`new\s+${EXPORT}\(\)${MADE}`, `${STEP}(?:/${STEP})*`)}$`;
const PACKAGE = String.raw`(?:@[^\s/@*?{}\[\]:\\]+/)?[^\s/@.*?{}\[\]:\\][^\s/@*?{}\[\]:\\]*(?:/[^\s*?{}:\\]+)?`;
const PATHS = [String.raw`\.{1,2}[\\/].*`, '/.*', String.raw`[a-zA-Z]:[\\/].*`, 'file:.+'];
const MODULE = `^${oneOf(...PATHS, String.raw`node:[^\s*?{}:\\]+`, PACKAGE)}$`;
const PRESET = oneOf('all', 'auto', ...PRESET_NAMES);

const sentence = (text) => `${text[0].toUpperCase()}${text.slice(1)}.`;

const ref = (name) => ({ $ref: `#/$defs/${name}` });
const arrayOf = (items) => ({ type: 'array', items });

/** Of the options whose type the table has no word for. */
const SHAPES = {
  targets: {
    oneOf: [ref('shorthands'), arrayOf({ oneOf: [ref('shorthand'), ref('target')] }), { type: 'null' }],
    default: [],
    examples: [['@aws-sdk/client-s3[paginate*]', { module: './src/**/*.js', exclude: ['heartbeat'] }]],
  },
  presets: {
    oneOf: [
      {
        description: 'Names with commas between them, "auto" or "all".',
        type: 'string',
        pattern: String.raw`^\s*(?:${PRESET}?\s*,\s*)*${PRESET}?\s*$`,
      },
      arrayOf(ref('preset')),
      { type: 'null' },
    ],
    default: [],
    examples: ['all', ['aws-sdk', 'node']],
  },
  exitTimeout: { type: ['number', 'null'], minimum: 0 },
  module: {
    type: 'string',
    pattern: MODULE,
    examples: ['@aws-sdk/client-s3', '@langchain/core/runnables', 'node:timers/promises', './src/**/*.js'],
  },
  exports: { type: ['array', 'null'], items: ref('selector'), minItems: 1 },
  exclude: { type: ['array', 'null'], items: ref('selector') },
  versions: { type: ['string', 'null'], examples: ['^3.0.0', '>=5'] },
  spanName: { type: ['string', 'null'], minLength: 1 },
  attributes: {
    type: ['object', 'null'],
    additionalProperties: {
      anyOf: [
        { type: ['string', 'number', 'boolean'] },
        ...['string', 'number', 'boolean'].map((type) => arrayOf({ type })),
      ],
    },
  },
  thenableMembers: {
    type: ['array', 'null'],
    items: {
      type: 'object',
      properties: {
        name: { description: 'Name of the method.', type: 'string', minLength: 1 },
        property: {
          description:
            "The property that holds the result, in the value that the method's promise is fulfilled with. Without it, the value is the result.",
          type: 'string',
          minLength: 1,
        },
      },
      required: ['name'],
      additionalProperties: false,
    },
  },
};

function shapeOf(name) {
  const { type, typeInFile = type } = OPTIONS[name];
  if (typeInFile === 'boolean') return { type: ['boolean', 'null'] };
  if (Array.isArray(typeInFile)) return { enum: [...typeInFile, null] };
  if (SHAPES[name] === undefined) throw new Error(`scripts/write-options.mjs has no shape for ${name}`);
  return SHAPES[name];
}

/** Without Markdown. */
const plain = (markdown) =>
  markdown
    .replace(/\[([^\]]*)\]\([^)]*\)/g, '$1')
    .replace(/`(true|false)`/g, '$1')
    .replaceAll('`', '"');

function propertiesIn(home) {
  const properties = namesInFile(home).map((name) => {
    const { in: homes, default: value, description } = OPTIONS[name];
    const first = homes.includes('environment') ? ` ${variableOf(name)} comes first.` : '';
    const standard = value === undefined ? {} : { default: value };
    return [toSnakeCase(name), { description: plain(description) + first, ...shapeOf(name), ...standard }];
  });
  return Object.fromEntries(properties);
}

const schema = {
  $schema: 'https://json-schema.org/draft/2020-12/schema',
  $id: 'https://unpkg.com/opentelemetry-instrumentation-async-generator/schema/async-generator.schema.json',
  title: 'Async-generator instrumentation for OpenTelemetry',
  description: `A configuration file (${variableOf('configFile')}), or the section instrumentation/development: js: async_generator: of OpenTelemetry's declarative configuration. A key that is null counts as left out.`,
  type: ['object', 'null'],
  properties: { $schema: { description: 'This schema, for editors.' }, ...propertiesIn('file') },
  additionalProperties: false,
  $defs: {
    preset: {
      oneOf: [
        { const: 'all', description: 'All presets.' },
        { const: 'auto', description: 'The presets whose packages are installed, without "node".' },
        ...PRESET_NAMES.map((name) => ({
          const: name,
          description: `${sentence(PRESETS[name].traces)} Spans are called ${PRESETS[name].spans}.`,
        })),
      ],
    },
    shorthands: { description: 'Shorthands with ";" between them.', type: 'string' },
    shorthand: {
      description:
        'module[selector,...], for example "@aws-sdk/client-s3[paginate*]". Without a list of selectors, it is [*] for packages, and [**] for own files.',
      type: 'string',
      pattern: String.raw`\S`,
    },
    selector: {
      description:
        'Names exports: "paginate*", "Client#stream", "Client.from", "ns.inner.fn", "default", "*", "Client#*", "Client#[Symbol.asyncIterator]", "createPaginator()", "createClient().stream", "new Client().stream" or "streamText().textStream". Or definitions, the functions in the source of a file: "**" for all async generators, "outer/inner", "Client##pages".',
      type: 'string',
      pattern: SELECTOR,
    },
    target: {
      description: 'A module, and what to trace in it.',
      type: 'object',
      properties: propertiesIn('target'),
      required: ['module'],
      additionalProperties: false,
      if: {
        description: 'Only packages have versions.',
        properties: { module: { type: 'string', pattern: String.raw`^(?:\.{1,2}[\\/]|/|file:|node:)` } },
        required: ['module'],
      },
      then: { properties: { versions: { type: 'null' } } },
    },
  },
};

/** A list and not a table: the descriptions are long. */
const listOf = (names, nameOf, describe) =>
  names
    .map((name) => {
      const { default: value } = OPTIONS[name];
      const shown = value === undefined ? '' : typeof value === 'object' ? JSON.stringify(value) : String(value);
      return `- \`${nameOf(name)}\`: ${describe(OPTIONS[name])}${shown && ` Default: \`${shown}\`.`}`;
    })
    .join('\n');

const allowed = (words) => (Array.isArray(words) && words.length > 1 ? ` Allowed: \`${words.join('`, `')}\`.` : '');
const outsideOfCode = ({ type, typeInFile = type, description }) => description + allowed(typeInFile);
const inCode = ({ type, description, inCode: text = description }) => text + allowed(type);
const nameInCode = (name) => {
  const { parameters } = OPTIONS[name];
  return parameters === undefined ? name : `${name}(${parameters})`;
};

/** The packages of a preset, with the versions of its targets. A file in a package is there for the package. */
function packagesOf({ targets }) {
  const ranges = new Map();
  for (const { module, versions = '', leavingSignal } of targets) {
    // A helper's file has no runs.
    if (leavingSignal !== undefined) continue;
    const name = module.replace(/^((?:@[^/]+\/)?[^/]+)\/.*\.[cm]?js$/, '$1');
    ranges.set(name, [...(ranges.get(name) ?? []), versions]);
  }
  return Array.from(ranges, ([name, [first, ...others]]) => {
    // The oldest are named first. Others of the package may go on where these end.
    const goesOn = others.some((each) => !each.includes('<'));
    return `\`${`${name} ${goesOn ? first.replace(/ <.*/, '') : first}`.trim()}\``;
  }).join(', ');
}

const presetList = () =>
  Object.values(PRESETS)
    .map(({ name, traces, spans, targets }) => {
      const isOfModels = targets.some(({ genAi }) => genAi !== undefined);
      const names = spans.split(', ').map((each) => `\`${each}\``);
      return [
        `- **\`${name}\`** (${packagesOf({ targets })}): ${traces}.`,
        `  Spans: ${names.join(', ')}. \`gen_ai.*\`: ${isOfModels ? 'yes' : 'no'}.`,
      ].join('\n');
    })
    .join('\n');

const TABLES = {
  code: listOf(namesIn('code'), nameInCode, inCode),
  'target-in-code': listOf(namesIn('target'), nameInCode, inCode),
  environment: listOf(namesIn('environment'), variableOf, outsideOfCode),
  file: listOf(namesInFile('file'), toSnakeCase, outsideOfCode),
  target: listOf(namesInFile('target'), toSnakeCase, outsideOfCode),
  presets: presetList(),
};

/** What a page says, with the tables between their markers. */
function withTables(page) {
  return page.replace(/(<!-- options: ([\w-]+) -->\n).*?(<!-- end of options -->)/gs, (_, start, name, end) => {
    if (TABLES[name] === undefined) throw new Error(`there is no table of options called ${name}`);
    return `${start}\n${TABLES[name]}\n\n${end}`;
  });
}

async function write(path, parser, textOf) {
  const file = fileURLToPath(new URL(`../${path}`, import.meta.url));
  const old = readFileSync(file, 'utf8');
  const text = await prettier.format(textOf(old), { ...(await prettier.resolveConfig(file)), parser });
  if (text === old) return;
  if (process.argv.includes('--check')) {
    console.error(`${path} does not say what src/options/table.ts and src/presets say: run \`npm run options:update\``);
    process.exitCode = 1;
  } else writeFileSync(file, text);
}

await write('schema/async-generator.schema.json', 'json', () => JSON.stringify(schema));
await write('doc/targets.md', 'markdown', withTables);
await write('doc/configuration.md', 'markdown', withTables);
await write('doc/api.md', 'markdown', withTables);
await write('doc/presets.md', 'markdown', withTables);

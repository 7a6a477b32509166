import Ajv2020 from 'ajv/dist/2020';
import { expect } from 'chai';
import { spawnSync } from 'node:child_process';
import * as fs from 'node:fs';
import { createRequire } from 'node:module';
import * as path from 'node:path';
import * as yaml from 'yaml';
import { PREFIX, readZeroCodeConfig, type ZeroCodeConfig } from '../../src/options/sources';
import { namesIn, toSnakeCase } from '../../src/options/table';
import { ROOT } from '../support/child';
import { makeFolder, writeFile } from '../support/folder';

const PAGE = fs.readFileSync(path.join(ROOT, 'doc/configuration.md'), 'utf8');
const SCHEMA = JSON.parse(fs.readFileSync(path.join(ROOT, 'schema/async-generator.schema.json'), 'utf8')) as {
  properties: object;
  $defs: { target: { properties: object } };
};
const OWN_FILE = 'OTEL_INSTRUMENTATION_ASYNC_GENERATOR_CONFIG_FILE';

interface Example {
  readonly language: string;
  readonly text: string;
  /** Of the part of the page that it stands in. */
  readonly heading: string;
}

const EXAMPLES = [...PAGE.matchAll(/```(\w+)\n(.*?)```/gs)].map(
  ({ 1: language = '', 2: text = '', index }): Example => {
    const headings = [...PAGE.slice(0, index).matchAll(/^#+ (.*)$/gm)];
    return { language, text, heading: headings.at(-1)?.[1] ?? '' };
  },
);

describe('doc/configuration.md', () => {
  const folder = makeFolder();

  function readFile(variable: string, name: string, text: string, env: NodeJS.ProcessEnv = {}): ZeroCodeConfig {
    writeFile(folder, name, text);
    return readZeroCodeConfig({ ...env, [variable]: name }, folder);
  }
  const [inEnvironment] = EXAMPLES.filter(({ language }) => language === 'sh');
  const files = EXAMPLES.filter(({ language, heading }) => /yaml|json/.test(language) && heading !== 'Mistakes');
  const declarative = files.filter(({ text }) => text.includes('file_format'));
  const own = files.filter((file) => !declarative.includes(file));

  it('has examples of everything', () => {
    expect({ own: own.length, declarative: declarative.length }).to.deep.equal({ own: 3, declarative: 1 });
  });

  it('sets environment variables that are right', () => {
    const lines = inEnvironment?.text.matchAll(/^export (\w+)=(?:'(.*)'|(.*))$/gm) ?? [];
    const env = Object.fromEntries([...lines].map(([, name = '', quoted, bare]) => [name, quoted ?? bare]));
    const { instrumentation, problems } = readZeroCodeConfig(env, folder);
    expect(problems).to.deep.equal([]);
    expect(instrumentation).to.deep.include({
      targets: ['it-map[default]', './src/**/*.js'],
      presets: ['openai', 'langchain', 'aws-sdk'],
    });
  });

  for (const { language, text } of own) {
    it(`shows a file that is right: ${text.trim().split('\n').at(-1)?.trim() ?? ''} (${language})`, () => {
      const { instrumentation, problems } = readFile(OWN_FILE, `own.${language}`, text);
      expect(problems).to.deep.equal([]);
      expect(instrumentation.targets).to.have.length.greaterThan(0);
    });
  }

  it('shows a file with all the keys that there are, as the schema has it', () => {
    const complete = yaml.parse(own[0]?.text ?? '') as { targets: object[]; timing: unknown };
    expect(Object.keys({ ...complete, $schema: '' })).to.have.members(Object.keys(SCHEMA.properties));
    const inTargets = complete.targets.flatMap((target) => (typeof target === 'object' ? Object.keys(target) : []));
    expect(new Set(inTargets)).to.deep.equal(new Set(Object.keys(SCHEMA.$defs.target.properties)));
    const isOfSchema = new Ajv2020({ allowUnionTypes: true }).compile(SCHEMA);
    expect(isOfSchema({ ...complete, timing: true }), JSON.stringify(isOfSchema.errors)).to.equal(true);
  });

  it('shows a declarative configuration that is right', () => {
    const text = declarative[0]?.text ?? '';
    const { instrumentation, problems } = readFile('OTEL_CONFIG_FILE', 'otel.yaml', text);
    expect(problems).to.deep.equal([]);
    expect(instrumentation).to.deep.equal({ presets: 'all', targets: ['./src/**/*.js'], baseDir: folder });
    const disabled = readFile('OTEL_CONFIG_FILE', 'otel.yaml', text, { OTEL_SDK_DISABLED: 'true' });
    expect(disabled.sdkDisabled).to.equal(true);
  });

  it("shows one that OpenTelemetry's own reader accepts, and in which it leaves the section as it is", () => {
    const file = path.join(folder, 'otel.yaml');
    fs.writeFileSync(file, declarative[0]?.text ?? '');
    const fromSdk = createRequire(require.resolve('@opentelemetry/sdk-node'));
    const { createConfigFactory } = fromSdk('@opentelemetry/configuration') as {
      createConfigFactory(): { getConfigModel(): Record<string, { js: { async_generator: object } }> };
    };
    process.env.OTEL_CONFIG_FILE = file;
    try {
      const model = createConfigFactory().getConfigModel();
      expect(model['instrumentation/development']?.js.async_generator).to.deep.equal({
        presets: 'all',
        targets: ['./src/**/*.js'],
      });
    } finally {
      delete process.env.OTEL_CONFIG_FILE;
    }
  });

  it('says of a file with mistakes what the reader says', () => {
    const [broken, said] = EXAMPLES.filter(({ heading }) => heading === 'Mistakes');
    const { instrumentation, problems } = readFile(OWN_FILE, 'broken.yaml', broken?.text ?? '');
    expect(problems).to.deep.equal(said?.text.trim().split('\n'));
    expect(instrumentation).to.deep.equal({ presets: ['aws-sdk'], targets: ['it-map[default]'], baseDir: folder });
  });

  it('has the tables that are generated from the table of options, as the schema is', () => {
    const { status, stderr } = spawnSync(process.execPath, ['scripts/write-options.mjs', '--check'], {
      cwd: ROOT,
      encoding: 'utf8',
    });
    expect(stderr).to.equal('');
    expect(status).to.equal(0);
  });

  it('explains every key and variable', () => {
    const keys = [...Object.keys(SCHEMA.properties), ...Object.keys(SCHEMA.$defs.target.properties)];
    for (const name of keys) expect(PAGE).to.include(`\`${name}\``);
    const source = fs.readFileSync(path.join(ROOT, 'src/options/sources.ts'), 'utf8');
    const others = [...source.matchAll(/^const \w+ = '(OTEL_\w+)';/gm)].map(([, name = '']) => name);
    const variables = [...others, ...namesIn('environment').map((name) => PREFIX + toSnakeCase(name).toUpperCase())];
    expect(variables).to.have.lengthOf(10);
    for (const variable of variables) expect(PAGE).to.match(new RegExp(`^(\\| |- )\`${variable}\`[ :]`, 'm'));
  });
});

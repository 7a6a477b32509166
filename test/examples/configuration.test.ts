/**
 * Blocks of configuration in the documents, and of which languages blocks are.
 */
import { expect } from 'chai';
import * as fs from 'node:fs';
import * as path from 'node:path';
import semver = require('semver');
import * as yaml from 'yaml';
import { readZeroCodeConfig } from '../../src/options/sources';
import * as metrics from '../../src/telemetry/metrics';
import { PACKAGE_NAME } from '../../src/version';
import { ROOT } from '../support/child';
import { readPage } from '../support/examples';
import { makeFolder } from '../support/folder';
import { BLOCKS, blocksIn } from './blocks';

/** Which test checks blocks of a language. */
const LANGUAGES: Record<string, string> = {
  ts: 'code',
  js: 'code',
  mjs: 'code',
  cjs: 'code',
  sh: 'commands',
  bash: 'commands',
  text: 'output',
  json: 'configuration',
  yaml: 'configuration',
  dockerfile: 'configuration',
  mermaid: 'configuration',
};

/** Tests that read all blocks of a page in these languages. */
const READ_ELSEWHERE: Record<string, string> = {
  'doc/configuration.md': 'test/options/documentation.test.ts',
  'doc/command-line.md': 'test/examples/output.test.ts',
};

describe('the blocks of code in the documents', () => {
  for (const { place, language } of BLOCKS) {
    it(`are in a language that a test checks: ${place}`, () => {
      expect(LANGUAGES, 'name a language').to.have.property(language);
      expect(fs.existsSync(path.join(__dirname, `${LANGUAGES[language]}.test.ts`))).to.equal(true);
    });
  }

  it('are as many as there are fences', () => {
    const pages = new Set(BLOCKS.map(({ page }) => page));
    const fences = [...pages].flatMap((page) => readPage(page).match(/^ *(?:```|~~~)/gm) ?? []);
    expect(BLOCKS.length * 2).to.equal(fences.length);
  });

  for (const { page, place, language, text } of blocksIn('json', 'yaml')) {
    it(`are JSON and YAML that is read: ${place}`, () => {
      expect(language === 'json' ? JSON.parse(text) : yaml.parse(text)).to.be.an('object');
      if (page === 'doc/metrics.md') return;
      expect(readPage(READ_ELSEWHERE[page] ?? '')).to.include(page);
    });
  }
});

describe('the alerts in doc/metrics.md', () => {
  interface Rule {
    readonly alert: string;
    readonly expr: string;
  }
  const { groups } = yaml.parse(blocksIn('yaml').find(({ page }) => page === 'doc/metrics.md')?.text ?? '') as {
    groups: { rules: Rule[] }[];
  };
  const OWN = Object.values(metrics).filter(
    (value) => typeof value === 'string' && value.startsWith('async_generator'),
  );
  const NAMES = OWN.map((name) => (name as string).replaceAll('.', '_'));
  const LABELS = ['code_function_name', 'async_generator_module_name', 'async_generator_outcome', 'error_type', 'le'];
  const OUTCOMES = ['completed', 'failed', 'returned', 'aborted', 'abandoned', 'interrupted'];
  const WORDS = ['sum', 'by', 'increase', 'deriv', 'rate', 'histogram_quantile'];

  for (const { alert, expr } of groups.flatMap(({ rules }) => rules)) {
    it(`${alert} asks for metrics, labels and outcomes that there are`, () => {
      for (const [, name = '', value] of expr.matchAll(/(\w+)="(\w+)"/g)) {
        expect(LABELS).to.include(name);
        expect(OUTCOMES).to.include(value);
      }
      const words = expr.replace(/"[^"]*"|\[\w+\]/g, '').match(/[a-z]\w*/g) ?? [];
      const series = words.filter((word) => !LABELS.includes(word) && !WORDS.includes(word));
      expect(series).not.to.deep.equal([]);
      // What Prometheus makes of a histogram.
      for (const each of series) expect(NAMES).to.include(each.replace(/_(?:count|sum|bucket)$/, ''));
    });

    it(`${alert} closes each of its brackets`, () => {
      let rest = expr.replace(/[^()[\]{}]/g, '');
      for (let before = ''; before !== rest;) {
        before = rest;
        rest = rest.replace(/\(\)|\[\]|\{\}/g, '');
      }
      expect(rest).to.equal('');
    });
  }
});

describe('the Dockerfile in doc/recipes.md', () => {
  const [block] = blocksIn('dockerfile');
  const lines = (block?.text ?? '')
    .trim()
    .split('\n')
    .map((line) => /^([A-Z]+) (.*)$/.exec(line)?.slice(1) ?? ['', line]);
  const all = (instruction: string) => lines.filter(([name]) => name === instruction).map(([, value = '']) => value);

  it('has instructions that there are', () => {
    for (const [name] of lines) expect(['FROM', 'WORKDIR', 'COPY', 'RUN', 'ENV', 'CMD']).to.include(name);
    expect(JSON.parse(all('CMD')[0] ?? '')).to.deep.equal(['node', 'src/app.js']);
  });

  it('starts from a Node on which this package runs', () => {
    const [, major = ''] = /^node:(\d+)/.exec(all('FROM')[0] ?? '') ?? [];
    const { engines } = JSON.parse(readPage('package.json')) as { engines: { node: string } };
    expect(semver.satisfies(`${major}.99.0`, engines.node)).to.equal(true);
  });

  it('sets variables that are right', () => {
    const pairs = all('ENV').map((pair) => /^(\w+)="?(.*?)"?$/.exec(pair)?.slice(1) ?? []);
    const env = Object.fromEntries(pairs) as Record<string, string>;
    const { problems, warnings, instrumentation } = readZeroCodeConfig(env, makeFolder());
    expect([...problems, ...warnings]).to.deep.equal([]);
    expect(instrumentation.targets).to.deep.equal(['./src/**/*.js']);
    expect(env.NODE_OPTIONS).to.equal(`--import ${PACKAGE_NAME}/register`);
  });
});

describe('the picture in doc/architecture.md', () => {
  const [block] = blocksIn('mermaid');
  const boxes = [...(block?.text ?? '').matchAll(/(\w+)\["([\w.]+)<br\/>/g)].map(([, id = '', folder = '']) => ({
    id,
    folder,
  }));

  it('has folders of src in its boxes', () => {
    expect(boxes).to.have.length.above(5);
    for (const { folder } of boxes) expect(fs.existsSync(path.join(ROOT, 'src', folder)), folder).to.equal(true);
  });

  it('has arrows between boxes', () => {
    const ends = [...(block?.text ?? '').matchAll(/^ *(\w+)(?:\[[^\]]*\])? --> (\w+)/gm)].flatMap(([, from, to]) => [
      from,
      to,
    ]);
    expect(ends).to.have.length.above(10);
    for (const end of ends) expect(boxes.map(({ id }) => id)).to.include(end);
  });
});

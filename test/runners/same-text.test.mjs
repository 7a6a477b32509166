import { expect } from 'chai';
import { readFileSync } from 'node:fs';
import { afterEach, describe, it } from 'mocha';
import { LINE_2, LINE_3 } from '../support/suites.mjs';
import { PACKAGE, useProjects } from './support/project.mjs';

const read = (file) => readFileSync(new URL(file, import.meta.url), 'utf8');
const MAKE_SPANS = { 'src/make-spans.cjs': read('spans/make-spans.cjs') };
/** To read, and to look at in a review. */
const SPANS = read('spans/spans.txt');

const BODY = `const recorder = new SpanRecorder();
  await makeSpans(api, traceAsyncGenerator);
  await recorder.settled();
  writeFileSync('spans.txt', formatSpans(recorder) + '\\n');
  recorder.shutdown();`;
const REQUIRES = `const { writeFileSync } = require('node:fs');
const api = require('@opentelemetry/api');
const { traceAsyncGenerator } = require('${PACKAGE}');
const { formatSpans, SpanRecorder } = require('${PACKAGE}/testing');
const { makeSpans } = require('../src/make-spans.cjs');`;

const programs = {
  'a program': {
    files: { 'test/program.cjs': `${REQUIRES}\n(async () => {\n  ${BODY}\n})();\n` },
    run: (project) => project.node(['test/program.cjs']),
  },
  'node:test': {
    files: { 'test/spans.test.cjs': `${REQUIRES}\nrequire('node:test').test('spans', async () => {\n  ${BODY}\n});\n` },
    run: (project) => project.node(['--test', 'test/spans.test.cjs']),
  },
  mocha: {
    files: { 'test/spans.test.cjs': `${REQUIRES}\nit('spans', async () => {\n  ${BODY}\n});\n` },
    run: (project) => project.run('mocha', ['--require', `${PACKAGE}/testing`, 'test/spans.test.cjs']),
  },
  Jest: {
    files: { 'test/spans.test.js': `${REQUIRES}\ntest('spans', async () => {\n  ${BODY}\n});\n` },
    run: (project) => project.run('jest', []),
  },
  Vitest: {
    files: {
      'test/spans.test.mjs': `import { test } from 'vitest';
import { writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import * as api from '@opentelemetry/api';
import { traceAsyncGenerator } from '${PACKAGE}';
import { formatSpans, SpanRecorder } from '${PACKAGE}/testing';
const { makeSpans } = createRequire(import.meta.url)('../src/make-spans.cjs');
test('spans', async () => {\n  ${BODY}\n});\n`,
    },
    run: (project) => project.run('vitest', ['run']),
  },
};

describe('the text of the same spans', () => {
  const projects = useProjects();
  afterEach(projects.dispose);

  const itIsTheSame = (title, { files, run }, line, major = line.major) => {
    const [openTelemetry] = line.title.split(',');
    it(`is the same in ${title}, on Node ${major} with ${openTelemetry}`, async () => {
      const project = projects.create(line, { ...MAKE_SPANS, ...files }, major);
      const { status, output } = await run(project);
      expect(status, output).to.equal(0);
      expect(project.read('spans.txt')).to.equal(SPANS);
    });
  };

  for (const major of [20, 22, 24, 26]) itIsTheSame('a program', programs['a program'], LINE_2, major);
  for (const major of [22, 24, 26]) itIsTheSame('a program', programs['a program'], LINE_3, major);
  for (const title of ['mocha', 'Vitest', 'Jest', 'node:test']) {
    for (const line of [LINE_2, LINE_3]) itIsTheSame(title, programs[title], line);
  }
});

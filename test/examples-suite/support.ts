import { expect } from 'chai';
import { mkdtempSync, rmSync } from 'node:fs';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import * as path from 'node:path';
import { PACKAGE_NAME } from '../../src/version';
import { ROOT } from '../support/child';
import { startOtlpReceiver, type OtlpReceiver, type OtlpSpan } from '../support/otlp';
import { startProgram, type Program, type ProgramResult } from '../support/program';

export const EXAMPLES = path.join(ROOT, 'examples/zero-code');

export interface Mode {
  name: string;
  /** Starts an application of the examples, whose spans go to the receiver. */
  start(app: readonly string[], receiver: OtlpReceiver, env?: NodeJS.ProcessEnv): Program;
}

export const startUntraced = (app: readonly string[]): Program => startProgram(app, { cwd: EXAMPLES });

const register: Mode = {
  name: 'under register',
  start: ([file = '', ...args], receiver, env) =>
    startProgram([file.endsWith('.cjs') ? '--require' : '--import', `${PACKAGE_NAME}/register`, file, ...args], {
      cwd: EXAMPLES,
      env: { ...receiver.env(), OTEL_INSTRUMENTATION_ASYNC_GENERATOR_TARGETS: './**', ...env },
    }),
};

/** Its timeline goes to a file: what is left of stderr is the application's. */
const commandLine: Mode = {
  name: 'run by the command line',
  start(app, receiver, env) {
    const folder = mkdtempSync(path.join(tmpdir(), 'examples-'));
    const url = receiver.env().OTEL_EXPORTER_OTLP_ENDPOINT;
    const options = ['--output', path.join(folder, 'timeline'), '--otlp', url];
    const program = startProgram(['node_modules/.bin/otel-async-generator', 'run', ...options, ...app], {
      cwd: EXAMPLES,
      ...(env && { env }),
    });
    const cleanUp = () => rmSync(folder, { recursive: true });
    program.ended.then(cleanUp, cleanUp);
    return program;
  },
};

export const TRACED_MODES: readonly Mode[] = [register, commandLine];

const isRun = (span: OtlpSpan) => span.scope.name === PACKAGE_NAME;

/**
 * Runs, and indented below each those that it made: `name outcome items`. By name, since which of two concurrent runs
 * starts first is a matter of timing; of the same name, by start. Spans of other instrumentations are left out.
 */
export function describeRuns(spans: readonly OtlpSpan[]): string[] {
  const runs = spans.filter(isRun).sort((a, b) => a.name.localeCompare(b.name) || Number(a.startTime - b.startTime));
  const ids = new Set(runs.map(({ spanId }) => spanId));
  const describe = (run: OtlpSpan, indent: string): string[] => {
    const { 'async_generator.outcome': outcome, 'async_generator.item.count': items } = run.attributes;
    const children = runs.filter(({ parentSpanId }) => parentSpanId === run.spanId);
    return [`${indent}${run.name} ${outcome} ${items}`, ...children.flatMap((child) => describe(child, `${indent}  `))];
  };
  return runs
    .filter(({ parentSpanId }) => parentSpanId === undefined || !ids.has(parentSpanId))
    .flatMap((run) => describe(run, ''));
}

/** The spans from a run up to its root, those of other instrumentations included. */
export function ancestry(spans: readonly OtlpSpan[], name: string): string[] {
  const byId = new Map(spans.map((span) => [span.spanId, span]));
  const names = [];
  for (
    let span = spans.find((each) => isRun(each) && each.name === name);
    span !== undefined;
    span = byId.get(span.parentSpanId ?? '')
  ) {
    names.push(isRun(span) ? span.name : `${span.name} ${span.kind}`);
  }
  return names;
}

/** What lines have to be; a pattern where a number is a matter of timing. */
export function expectLines(actual: readonly string[], expected: readonly (string | RegExp)[]): void {
  const matched = actual.map((line, index) => {
    const pattern = expected[index];
    return pattern instanceof RegExp && pattern.test(line) ? pattern : line;
  });
  expect(matched).to.deep.equal(expected);
}

export interface Service {
  name: string;
  port: number;
}

function answers(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect(port, '127.0.0.1');
    socket.once('connect', () => {
      socket.destroy();
      resolve(true);
    });
    socket.once('error', () => resolve(false));
  });
}

/** Skips the tests where a service is not there, and says so; fails where all have to be there. */
export async function requireService(test: Mocha.Context, { name, port }: Service): Promise<void> {
  if (await answers(port)) return;
  const reason = `${name} does not answer on 127.0.0.1:${port}`;
  if (process.env.OTEL_ASYNC_GENERATOR_TEST_SERVICES) throw new Error(reason);
  console.log(`      skipped: ${reason}`);
  test.skip();
}

export interface Example {
  title: string;
  app: string;
  service?: Service;
  runs: readonly (string | RegExp)[];
  /** Further tests of the spans, in each mode. */
  more?: (spans: () => readonly OtlpSpan[]) => void;
}

/** Runs an example that ends by itself: its output must not depend on whether it is traced. */
export function describeExample({ title, app, service, runs, more }: Example): void {
  describe(title, () => {
    let untraced: ProgramResult;

    before(async function () {
      if (service) await requireService(this, service);
      untraced = await startUntraced([app]).ended;
      expect(untraced).to.include({ status: 0, signal: null });
      expect(untraced.stdout).not.to.equal('');
    });

    for (const mode of TRACED_MODES) {
      describe(mode.name, () => {
        let receiver: OtlpReceiver;
        let traced: ProgramResult;
        let spans: OtlpSpan[];

        before(async () => {
          receiver = await startOtlpReceiver();
          traced = await mode.start([app], receiver).ended;
          spans = await receiver.spans();
        });

        after(() => receiver.close());

        it('prints what it prints untraced, and ends with the same status', () => {
          expect(traced).to.deep.equal(untraced);
        });

        it('has a span for each run', () => {
          expectLines(describeRuns(spans), runs);
        });

        more?.(() => spans);
      });
    }
  });
}

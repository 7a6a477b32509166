import { expect } from 'chai';
import { connect } from 'node:net';
import * as path from 'node:path';
import { formatSpans, type FormatOptions } from '../../src/testing';
import { PACKAGE_NAME } from '../../src/version';
import { ROOT } from '../support/child';
import { expectOneSnapshot } from '../support/one-snapshot';
import { startOtlpReceiver, type OtlpReceiver, type OtlpSpan } from '../support/otlp';
import { toSpanLikes } from '../support/otlp-span-like';
import { startProgram, type Program, type ProgramResult } from '../support/program';
import { makeFolder } from '../support/folder';

export const EXAMPLES = path.join(ROOT, 'examples/zero-code');

export interface Mode {
  name: string;
  /** Starts an application of the examples, whose spans go to the receiver. */
  start(app: readonly string[], receiver: OtlpReceiver, env?: NodeJS.ProcessEnv): Program;
}

/** Examples use the services of this machine, as the README says, and not those that a developer works with. */
const SERVICES = { DATABASE_URL: undefined, REDIS_URL: undefined };

const startExample = (args: readonly string[], env?: NodeJS.ProcessEnv): Program =>
  startProgram(args, { cwd: EXAMPLES, env: { ...SERVICES, ...env } });

export const startUntraced = (app: readonly string[]): Program => startExample(app);

const register: Mode = {
  name: 'under register',
  start: ([file = '', ...args], receiver, env) =>
    startExample([file.endsWith('.cjs') ? '--require' : '--import', `${PACKAGE_NAME}/register`, file, ...args], {
      ...receiver.env(),
      // What the command line traces unless it is told otherwise.
      OTEL_INSTRUMENTATION_ASYNC_GENERATOR_TARGETS: './**',
      OTEL_INSTRUMENTATION_ASYNC_GENERATOR_PRESETS: 'all',
      ...env,
    }),
};

/** Its timeline goes to a file: what is left of stderr is the application's. */
const commandLine: Mode = {
  name: 'run by the command line',
  start(app, receiver, env) {
    const url = receiver.env().OTEL_EXPORTER_OTLP_ENDPOINT;
    const options = ['--output', path.join(makeFolder(), 'timeline'), '--otlp', url];
    return startExample(['node_modules/.bin/otel-async-generator', 'run', ...options, ...app], env);
  },
};

export const TRACED_MODES: readonly Mode[] = [register, commandLine];

/** The spans of an example as text, with paths from its folder on. */
export function describeSpans(spans: readonly OtlpSpan[], options: FormatOptions = {}): string {
  return formatSpans(toSpanLikes(spans), { baseDir: EXAMPLES, ...options });
}

/**
 * A test that compares the spans of all modes with one snapshot. In a suite of its own, which runs after those of the modes.
 *
 * @param texts by name of the mode; filled by the time the test runs
 */
export function describeSnapshot(texts: ReadonlyMap<string, string>): void {
  describe('its spans', () => {
    it('are those of the snapshot, whichever way it is traced', async () => {
      await expectOneSnapshot(texts);
    });
  });
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
  /** What the snapshot leaves out because it is different each time. */
  format?: (spans: readonly OtlpSpan[]) => FormatOptions;
}

/** Runs an example that ends by itself: its output must not depend on whether it is traced. */
export function describeExample({ title, app, service, format }: Example): void {
  describe(title, () => {
    let untraced: ProgramResult;
    const texts = new Map<string, string>();

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

        before(async () => {
          receiver = await startOtlpReceiver();
          traced = await mode.start([app], receiver).ended;
          const spans = await receiver.spans();
          texts.set(mode.name, describeSpans(spans, format?.(spans)));
        });

        after(() => receiver.close());

        it('prints what it prints untraced, and ends with the same status', () => {
          expect(traced).to.deep.equal(untraced);
        });
      });
    }

    describeSnapshot(texts);
  });
}

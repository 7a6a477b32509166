import { expect } from 'chai';
import { runProgram } from '../support/program';

const PACKAGE = 'opentelemetry-instrumentation-async-generator';

const SET_UP = `
  const api = require('@opentelemetry/api');
  const { AsyncGeneratorInstrumentation, traceAsyncGenerator } = require('${PACKAGE}');
  const { TracerProvider } = require('@opentelemetry/sdk-trace');
  const register = () => api.trace.setGlobalTracerProvider(new TracerProvider());
  const instrument = (config) =>
    new AsyncGeneratorInstrumentation({ targets: ['writable-data[count]'], ...config });
  const drain = async (items) => { for await (const item of items); };
  const count = (n) => drain(require('writable-data').count(n));
`;

/** Five seconds are over at once. */
const QUICK_TIMERS = `
  const timers = require('node:timers');
  const { setTimeout } = timers;
  timers.setTimeout = (fn) => setTimeout(fn, 1);
`;

/** What a program writes to stderr. */
async function stderrOf(code: string, env: NodeJS.ProcessEnv = {}, before = ''): Promise<string> {
  const wrapped = `${before} ${SET_UP} (async () => { ${code} })();`;
  const { status, stdout, stderr } = await runProgram(['-e', wrapped], { cwd: `${__dirname}/../fixtures`, env });
  expect({ status, stdout }, stderr).to.deep.equal({ status: 0, stdout: '' });
  return stderr;
}

const NO_PROVIDER =
  `${PACKAGE}: No span can be made: async generators are traced, but no tracer provider is registered. ` +
  'Start an OpenTelemetry SDK that registers one\n';

describe('a program without a tracer provider', () => {
  it('is told once, on stderr', async () => {
    expect(await stderrOf('instrument(); await count(1); await count(2); instrument(); await count(3);')).to.equal(
      NO_PROVIDER,
    );
  });

  it('is told where it exits by itself', async () => {
    expect(await stderrOf('instrument(); await count(1); process.exit();')).to.equal(NO_PROVIDER);
  });

  it('is told while it runs', async () => {
    const code = `
      const running = setInterval(() => {}, 1e6);
      const { write } = process.stderr;
      process.stderr.write = (text) => {
        clearInterval(running);
        return write.call(process.stderr, text);
      };
      instrument();
      await count(1);`;
    expect(await stderrOf(code, {}, QUICK_TIMERS)).to.equal(NO_PROVIDER);
  });

  it('is told through diag where that has a logger', async () => {
    const code = `
      const log = (level) => (...parts) => console.error(level, ...parts);
      api.diag.setLogger({ warn: log('warn'), error: log('error'), info() {}, debug() {}, verbose() {} });
      instrument();
      await count(1);`;
    expect(await stderrOf(code)).to.equal(`warn ${NO_PROVIDER.replace(':', '')}`);
  });

  it('is told of functions that it traces by hand, where it uses OpenTelemetry', async () => {
    const code = `
      api.propagation.setGlobalPropagator({ inject() {}, extract: (context) => context, fields: () => [] });
      await drain(traceAsyncGenerator(async function* () {})());`;
    expect(await stderrOf(code)).to.equal(NO_PROVIDER);
  });

  const silent: Record<string, string> = {
    'where it calls nothing that is traced': 'instrument();',
    'where tracing is switched off': 'instrument({ enabled: false }); await count(1);',
    'where the SDK comes after the first calls': 'instrument(); await count(1); register(); await count(1);',
    'where the SDK comes much later, and nothing is called after it':
      'instrument(); await count(1); setTimeout(register, 50);',
    'where the SDK has come and gone': 'instrument(); await count(1); register(); await count(1); api.trace.disable();',
    'where a provider was given to the instrumentation':
      'instrument().setTracerProvider(new TracerProvider()); await count(1);',
    'where all that it has to do with OpenTelemetry is a function that is traced by hand':
      'await drain(traceAsyncGenerator(async function* () {})());',
  };
  for (const [when, code] of Object.entries(silent)) {
    it(`is told nothing ${when}`, async () => {
      expect(await stderrOf(code)).to.equal('');
    });
  }

  const variables = { OTEL_SDK_DISABLED: 'true', OTEL_TRACES_EXPORTER: 'none', OTEL_LOG_LEVEL: 'none' };
  for (const [name, value] of Object.entries(variables)) {
    it(`is told nothing with ${name}=${value}`, async () => {
      expect(await stderrOf('instrument(); await count(1);', { [name]: value })).to.equal('');
    });
  }
});

describe('a program in which another version of the API has registered itself', () => {
  const OTHER_VERSION =
    `${PACKAGE}: No span can be made: version 1.0.0 of @opentelemetry/api has registered itself in this process, ` +
    'and this package uses another one. Install a single version of it (npm ls @opentelemetry/api)\n';

  const registered: Record<string, string> = {
    'and nothing of its own': '',
    'and a logger': 'diag: { warn: console.log, error: console.log, debug: console.log }',
    'and a tracer provider': 'trace: new TracerProvider()',
  };
  for (const [what, parts] of Object.entries(registered)) {
    it(`${what} is told so on stderr`, async () => {
      const code = `
        globalThis[Symbol.for('opentelemetry.js.api.1')] = { version: '1.0.0', ${parts} };
        instrument();
        register();
        await count(1);`;
      expect(await stderrOf(code)).to.equal(OTHER_VERSION);
    });
  }

  it('is told so through the logger that it has, if that can be reached', async () => {
    const code = `
      const log = (level) => (...parts) => console.error(level, ...parts);
      globalThis[Symbol.for('opentelemetry.js.api.1')] = {
        version: '1.99.0',
        diag: { warn: log('warn'), error: log('error'), info() {}, debug() {} },
      };
      instrument();
      await count(1);`;
    expect(await stderrOf(code)).to.equal(`warn ${OTHER_VERSION.replace('1.0.0', '1.99.0').replace(':', '')}`);
  });
});

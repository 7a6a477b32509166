import { expect } from 'chai';
import { environmentFor } from '../../../src/cli/run/options';

const PREFIX = 'OTEL_INSTRUMENTATION_ASYNC_GENERATOR_';

interface Given {
  targets?: string;
  presets?: string;
  config?: string;
  otlp?: string;
  file?: string;
}

function environment(
  { targets, presets, config, otlp, file = '/app/app.mjs' }: Given = {},
  env: NodeJS.ProcessEnv = {},
) {
  const options = {
    ...(targets !== undefined && { targets: targets.split(';') }),
    ...(presets !== undefined && { presets: [presets] }),
    config,
    otlp: otlp === undefined ? undefined : new URL(otlp),
  };
  return environmentFor(options, file, env, '/app', '/tmp/report');
}

describe('the environment of an application under run', () => {
  it('says where the report goes', () => {
    expect(environment().OTEL_ASYNC_GENERATOR_RUN_REPORT).to.equal('/tmp/report');
  });

  it('asks for all files, and the presets of what is installed, where neither options nor environment name any', () => {
    const { [`${PREFIX}TARGETS`]: targets, [`${PREFIX}PRESETS`]: presets } = environment();
    expect(targets).to.equal('./**/*.{js,cjs,mjs,jsx,ts,cts,mts,tsx}');
    expect(presets).to.equal('auto');
  });

  it('takes in the folder of an application that is not below the working directory', () => {
    expect(environment({ file: '/other/app.mjs' })[`${PREFIX}TARGETS`]).to.contain(';/other/**/*.{js,');
    expect(environment({ file: '/app/below/app.mjs' })[`${PREFIX}TARGETS`]).not.to.contain('below');
    expect(environment({ file: '/o{t;her/app.mjs' })[`${PREFIX}TARGETS`]).not.to.contain('her/');
  });

  it('asks for what the options say, and no more', () => {
    const env = environment({ targets: 'openai;pg', presets: 'node', config: '/app/otel.yaml' });
    expect(env).to.include({
      [`${PREFIX}TARGETS`]: 'openai;pg',
      [`${PREFIX}PRESETS`]: 'node',
      [`${PREFIX}CONFIG_FILE`]: '/app/otel.yaml',
    });
    expect(environment({ targets: 'openai' })).not.to.have.property(`${PREFIX}PRESETS`);
  });

  for (const name of [`${PREFIX}TARGETS`, `${PREFIX}PRESETS`, `${PREFIX}CONFIG_FILE`, 'OTEL_CONFIG_FILE']) {
    it(`leaves it to ${name} if that is set`, () => {
      expect(environment({}, { [name]: 'x' })).not.to.have.any.keys(`${PREFIX}TARGETS`, `${PREFIX}PRESETS`);
      expect(environment({}, { [name]: '' })).to.include({ [`${PREFIX}PRESETS`]: 'auto' });
    });
  }

  it('exports nothing, but leaves an exporter that the user has chosen', () => {
    const nothing = { OTEL_TRACES_EXPORTER: 'none', OTEL_METRICS_EXPORTER: 'none', OTEL_LOGS_EXPORTER: 'none' };
    expect(environment()).to.include(nothing);
    expect(environment({}, { OTEL_TRACES_EXPORTER: 'console' })).not.to.have.property('OTEL_TRACES_EXPORTER');
  });

  it('exports to the URL of --otlp, whatever the environment says of single signals', () => {
    const env = environment({ otlp: 'http://localhost:4318/' }, { OTEL_EXPORTER_OTLP_TRACES_ENDPOINT: 'http://x' });
    expect(env).to.include({
      OTEL_TRACES_EXPORTER: 'otlp',
      OTEL_METRICS_EXPORTER: 'otlp',
      OTEL_LOGS_EXPORTER: 'otlp',
      OTEL_EXPORTER_OTLP_ENDPOINT: 'http://localhost:4318',
      OTEL_EXPORTER_OTLP_PROTOCOL: 'http/protobuf',
      OTEL_EXPORTER_OTLP_TRACES_ENDPOINT: undefined,
    });
  });

  it('takes the URL of the traces for that of the endpoint', () => {
    expect(environment({ otlp: 'https://host/base/v1/traces' }).OTEL_EXPORTER_OTLP_ENDPOINT).to.equal(
      'https://host/base',
    );
  });

  it('speaks gRPC to the port of gRPC, unless the user has chosen a protocol', () => {
    const otlp = 'http://localhost:4317';
    expect(environment({ otlp }).OTEL_EXPORTER_OTLP_PROTOCOL).to.equal('grpc');
    expect(environment({ otlp }, { OTEL_EXPORTER_OTLP_PROTOCOL: 'http/json' })).not.to.have.property(
      'OTEL_EXPORTER_OTLP_PROTOCOL',
    );
  });
});

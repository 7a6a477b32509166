import { expect } from 'chai';
import { definePreset, type Preset } from '../../src';
import { resolveConfig } from '../../src/options/resolve';
import { drain, load, setUpPatching } from '../install/support';
import { thrownBy } from '../trace/helpers';

const messageOf = (preset: unknown) => (thrownBy(() => definePreset(preset as Preset)) as Error).message;

describe("a preset of the user's own", () => {
  const patching = setUpPatching();

  const data = definePreset({
    name: 'data',
    targets: [
      {
        module: 'writable-data',
        exports: ['count'],
        spanName: 'data.count',
        genAi: {
          request: () => ({ operation: 'chat', provider: 'data', model: 'm' }),
          chunk(_chunk, response) {
            response.outputTokens = (response.outputTokens ?? 0) + 1;
          },
        },
      },
    ],
  });

  it('is traced as those of this package are, and named in the report', async () => {
    const instrumentation = patching.instrument([], { presets: [data] });
    const { count } = load('writable-data') as { count(to: number): AsyncGenerator };
    await drain(count(3));
    const { name, attributes } = patching.tracing.onlySpan();
    expect(name).to.equal('chat m');
    expect(attributes['gen_ai.usage.output_tokens']).to.equal(attributes['async_generator.item.count']);
    expect(instrumentation.getPatchReport()[0]).to.include({ preset: 'data', status: 'patched' });
  });

  it('says nothing of models with genAi: false', async () => {
    patching.instrument([], { presets: [data], genAi: false });
    const { count } = load('writable-data') as { count(to: number): AsyncGenerator };
    await drain(count(3));
    const { name, attributes } = patching.tracing.onlySpan();
    expect(name).to.equal('data.count');
    expect(Object.keys(attributes).filter((key) => key.startsWith('gen_ai'))).to.deep.equal([]);
  });

  it('knows which items are errors, also with genAi: false', async () => {
    const [target] = data.targets as [Preset['targets'][number]];
    const errorOf = (item: unknown) => (item === 2 ? new RangeError('two') : undefined);
    patching.instrument([], { presets: [{ name: 'data', targets: [{ ...target, errorOf }] }], genAi: false });
    const { count } = load('writable-data') as { count(to: number): AsyncGenerator };
    await drain(count(3));
    expect(patching.tracing.onlySpan().attributes['error.type']).to.equal('RangeError');
  });

  it('comes after the targets, and before the presets of this package', () => {
    const { targets } = resolveConfig({ targets: 'it-map', presets: ['node', data] });
    expect(targets.slice(0, 3).map(({ preset }) => preset)).to.deep.equal([undefined, 'data', 'node']);
  });

  it('may be given without definePreset, and is checked then, too', () => {
    const preset = { name: 'mine', targets: [{ module: 'it-map' }] };
    expect(resolveConfig({ presets: [preset] }).targets.map(({ text }) => text)).to.deep.equal(['it-map[*]']);
    const bad = { name: 'mine', targets: [{ module: 'it-map', exports: ['a['] }] };
    expect(() => resolveConfig({ presets: ['node', bad] })).to.throw(TypeError, 'presets[1].targets[0].exports[0]');
  });

  it('is a TypeError that says where it is wrong', () => {
    const target = { module: 'it-map' };
    expect(messageOf(undefined)).to.match(/^preset: undefined is not allowed; expected an object/);
    expect(messageOf({ name: 'a,b', targets: [target] })).to.match(/^preset\.name: 'a,b' is not allowed/);
    expect(messageOf({ name: 'openai', targets: [target] })).to.match(/^preset\.name: 'openai' is not allowed/);
    expect(messageOf({ name: 'a', targets: [] })).to.match(/^preset\.targets: .* expected an array of target objects/);
    expect(messageOf({ name: 'a', targets: [{}] })).to.match(/^preset\.targets\[0\]\.module: undefined/);
    expect(messageOf({ name: 'a', targets: [{ ...target, genAi: {} }] })).to.match(/^preset\.targets\[0\]\.genAi/);
    expect(messageOf({ name: 'a', targets: [{ ...target, closeMember: [] }] })).to.match(
      /^preset\.targets\[0\]\.closeMember: unknown \w+; did you mean closeMembers\?/,
    );
    expect(messageOf({ name: 'a', target: [target] })).to.match(/^preset\.target: unknown \w+/);
  });
});

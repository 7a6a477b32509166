import { expect } from 'chai';

describe('Benchmark results that were measured one after the other', () => {
  const result = (major: number, effort: string, ...measurements: object[]) => ({
    version: '0.1.0',
    date: effort,
    effort,
    nodes: [{ major, measurements, failures: [] }],
  });

  async function merge(...all: object[]): Promise<ReturnType<typeof result>> {
    const module = (await import('../../bench/report/merge.mjs' as string)) as {
      merge(all: object[]): ReturnType<typeof result>;
    };
    return module.merge(all);
  }

  it('are put together by version of Node, in their order', async () => {
    const { nodes } = await merge(result(24, 'full'), result(20, 'full'));
    expect(nodes.map(({ major }) => major)).to.deep.equal([20, 24]);
  });

  it('keep what only one of them has measured', async () => {
    const first = { column: 'per-item', row: 'recording', value: 1 };
    const second = { column: 'per-item', row: 'recording', condition: 'ten-storages', value: 2 };
    const { nodes } = await merge(result(20, 'full', first), result(20, 'full', second));
    expect(nodes[0]?.measurements).to.deep.equal([first, second]);
  });

  it('take the later one of what several have measured', async () => {
    const first = { column: 'start-up', row: 'register-cjs', value: 1 };
    const second = { column: 'start-up', row: 'register-cjs', value: 2 };
    const { nodes } = await merge(result(20, 'full', first), result(20, 'full', second));
    expect(nodes[0]?.measurements).to.deep.equal([second]);
  });

  it('say how each was measured', async () => {
    expect((await merge(result(20, 'full'), result(24, 'quick'))).effort).to.equal('full and quick');
  });
});

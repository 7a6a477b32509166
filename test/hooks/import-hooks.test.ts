import { expect } from 'chai';
import { runNode } from '../support/child';
import { runProgram } from '../patch/support';

describe('the import hooks', () => {
  it('are registered once, and a second call says so', async () => {
    const { diagnostics } = await runProgram({
      targets: 'esm-only[count]',
      code: `
        import { createRequire } from 'node:module';
        const api = createRequire(process.cwd() + '/x.js')('opentelemetry-instrumentation-async-generator');
        api.registerImportHooks({ targets: 'esm-star' });
        await import('esm-only');`,
    });
    expect(diagnostics.filter((text) => text.includes('registerImportHooks was called before'))).to.have.lengthOf(1);
  });

  it('show an instrumentation the modules that were imported before it was made', async () => {
    const { spans, report } = await runProgram({
      targets: 'esm-only[count]',
      code: `
        import { createRequire } from 'node:module';
        import { count } from 'esm-only';
        const api = createRequire(process.cwd() + '/x.js')('opentelemetry-instrumentation-async-generator');
        instrumentation.disable();
        await drain(count(1));
        globalThis.instrumentation = new api.AsyncGeneratorInstrumentation({ targets: JSON.parse(process.env.TARGETS) });
        await drain(count(1));`,
    });
    expect(spans).to.deep.equal(['count completed']);
    expect(report[0]?.status).to.equal('patched');
  });

  it('refuse malformed targets', async () => {
    const { status, stderr } = await runNode(['--import', './setup.cjs', '--eval', ''], {
      env: { TARGETS: '[{"module": "x", "exports": []}]' },
    });
    expect(status).to.not.equal(0);
    expect(stderr).to.include('TypeError').and.include('targets[0].exports');
  });

  it('leave modules alone that are no target', async () => {
    const { seen } = await runProgram({
      targets: 'esm-only',
      code: `
        import * as star from 'esm-star';
        star.bump();
        seen.live = star.live;
        seen.namespace = process.getBuiltinModule('util').types.isModuleNamespaceObject(star);`,
    });
    expect(seen).to.deep.equal({ live: 1, namespace: true });
  });
});

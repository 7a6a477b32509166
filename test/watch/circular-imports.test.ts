import { expect } from 'chai';
import { patchedIn, runProgram } from '../install/support';

/** Each runs traced and untraced, and must see the same. */
describe('a circular import of a traced module', () => {
  const targets = './circular/streams.mjs[*]';
  const USE = `
    seen.items = [await drain(routes.get('/stream')()), await drain(routes.get('/main')())];`;

  for (const [title, imports] of [
    ['the traced module first', `import './circular/streams.mjs'; import { routes } from './circular/routes.mjs';`],
    ['the other module first', `import { routes } from './circular/routes.mjs'; import './circular/streams.mjs';`],
    ['the other module alone', `import { routes } from './circular/routes.mjs';`],
    ['both later', `await import('./circular/streams.mjs'); const { routes } = await import('./circular/routes.mjs');`],
  ] as const) {
    it(`gives hoisted functions to a module that runs before it, with ${title}`, async () => {
      const { seen, spans } = await runProgram({ targets, code: imports + USE });
      expect(seen.items).to.deep.equal([['item'], ['main']]);
      expect(spans).to.deep.equal(['stream completed', 'main completed']);
    });
  }

  it('gives all the same functions', async () => {
    const { seen } = await runProgram({
      targets,
      code: `
        import main, { stream } from './circular/streams.mjs';
        import { routes } from './circular/routes.mjs';
        seen.same = routes.get('/stream') === stream && routes.get('/main') === main;`,
    });
    expect(seen.same).to.equal(true);
  });

  it('gives what it initialises later to a program that asks in the turn in which it was loaded', async () => {
    const { seen, spans, report } = await runProgram({
      targets,
      code: `
        import './circular/streams.mjs';
        import { createFeed, getLater, getLimit } from './circular/routes.mjs';
        seen.limit = getLimit();
        const runs = [createFeed().items(), getLater()()];
        seen.items = [];
        for (const run of runs) seen.items.push(...await drain(run));`,
    });
    expect(seen).to.deep.equal({ limit: 2, items: ['feed', 2] });
    expect(spans).to.deep.equal(['Feed.items completed', 'later completed']);
    expect(patchedIn(report)).to.have.members([
      'stream: binding',
      'default: binding',
      'later: binding',
      'Feed.items: property',
    ]);
  });

  it('gives what it initialises after an await', async () => {
    const { seen, spans } = await runProgram({
      targets: './circular/waiting.mjs[*]',
      code: `
        import './circular/waiting.mjs';
        import { getLimit, routes } from './circular/waiting-routes.mjs';
        seen.limit = getLimit();
        seen.items = await drain(routes.get('/stream')());`,
    });
    expect(seen).to.deep.equal({ limit: 2, items: ['item'] });
    expect(spans).to.deep.equal(['stream completed']);
  });

  it('keeps an export one that reaches a barrel by two ways', async () => {
    const { seen, spans } = await runProgram({
      targets,
      code: `
        import * as barrel from './circular/barrel.mjs';
        seen.keys = Object.keys(barrel);
        seen.items = await drain(barrel.stream());`,
    });
    expect(seen).to.deep.equal({ keys: ['Feed', 'later', 'limit', 'stream'], items: ['item'] });
    expect(spans).to.deep.equal(['stream completed']);
  });

  it('works where the module re-exports all of the other', async () => {
    const { seen, spans } = await runProgram({
      targets: './circular/star.mjs[*]',
      code: `
        import { routes } from './circular/star.mjs';
        seen.items = await drain(routes.get('/stream')());`,
    });
    expect(seen.items).to.deep.equal(['item']);
    expect(spans).to.deep.equal(['stream completed']);
  });

  it('works where a module imports itself', async () => {
    const { seen, spans } = await runProgram({
      targets: './circular/itself.mjs[stream]',
      code: `
        import { early, stream } from './circular/itself.mjs';
        seen.items = [await drain(early()), await drain(stream())];`,
    });
    expect(seen.items).to.deep.equal([['item'], ['item']]);
    // One function, by both names.
    expect(spans).to.deep.equal(['stream completed', 'stream completed']);
  });

  it('works where a package imports itself by its name', async () => {
    const { seen, spans } = await runProgram({
      targets: 'circular-esm',
      code: `
        import { routes } from 'circular-esm';
        seen.items = await drain(routes.get('/stream')());`,
    });
    expect(seen.items).to.deep.equal(['item']);
    expect(spans).to.deep.equal(['stream completed']);
  });

  it('is left alone by a disabled instrumentation, and traced again when it is enabled', async () => {
    const { seen, spans } = await runProgram({
      targets,
      code: `
        import './circular/streams.mjs';
        import { getLater, routes } from './circular/routes.mjs';
        const use = async () => [await drain(routes.get('/stream')()), await drain(getLater()())];
        instrumentation.disable();
        seen.disabled = await use();
        seen.spans = spans();
        instrumentation.enable();
        seen.enabled = await use();`,
    });
    expect(seen).to.deep.equal({ disabled: [['item'], [2]], spans: [], enabled: [['item'], [2]] });
    expect(spans).to.deep.equal(['stream completed', 'later completed']);
  });
});

it('a traced module imported again and again by one module has one namespace', async () => {
  const { seen } = await runProgram({
    targets: 'esm-only',
    code: `
      import * as esm from 'esm-only';
      seen.same = (await import('esm-only')) === esm && (await import(import.meta.resolve('esm-only'))) === esm;`,
  });
  expect(seen.same).to.equal(true);
});

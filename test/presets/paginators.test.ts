import { expect } from 'chai';
import { azure } from '../../src/presets/azure';
import { octokit, slack, stripe } from '../../src/presets/paginators';
import type { OwnPreset } from '../../src/presets/preset';
import type { GeneratorCall } from '../../src/types';

/** @param index of the target */
function nameOf({ targets }: OwnPreset, call: Partial<GeneratorCall>, index = 0): string {
  const spanName = targets[index]?.spanName as (call: GeneratorCall) => string;
  return spanName({
    moduleName: undefined,
    moduleVersion: undefined,
    exportPath: '',
    thisArg: undefined,
    args: [],
    ...call,
  });
}

describe('the spans of the stripe preset', () => {
  const NAMES: Record<string, string> = {
    '/v1/customers': 'stripe.customers.list',
    '/v1/issuing/cards': 'stripe.issuing.cards.list',
    '/v1/customers/cus_1/balance_transactions': 'stripe.customers.balance_transactions.list',
    '/v1/checkout/sessions/cs_1/line_items': 'stripe.checkout.sessions.line_items.list',
    '/v2/core/events': 'stripe.core.events.list',
    '/v2/a/secret/b/secret/c': 'stripe.a.c.list',
  };
  for (const [path, name] of Object.entries(NAMES)) {
    it(`are called ${name} for ${path}, before 22 and since`, () => {
      expect(nameOf(stripe, { factoryArgs: [{ methodType: 'list', fullPath: path }] })).to.equal(name);
      expect(nameOf(stripe, { args: ['GET', path, {}, {}, { methodType: 'list' }] }, 2)).to.equal(name);
    });
  }

  it('have search for a method', () => {
    const args = ['GET', '/v1/customers/search', {}, {}, { methodType: 'search' }];
    expect(nameOf(stripe, { args }, 2)).to.equal('stripe.customers.search');
  });

  it('may be of anything', () => {
    for (const odd of [undefined, null, 1, {}, { methodType: 2 }]) {
      expect(nameOf(stripe, { factoryArgs: [odd] })).to.equal('stripe.list');
      expect(nameOf(stripe, { args: [odd, odd, odd, odd, odd] }, 2)).to.equal('stripe.list');
    }
  });

  it('are those of the first page alone', () => {
    const isTraced = (spec: unknown) => {
      const args = ['GET', '/v1/customers', {}, {}, spec];
      return stripe.targets[2]?.shouldTrace?.({ args } as unknown as GeneratorCall);
    };
    const spec = { methodType: 'list' };
    expect([undefined, {}, spec, spec, { ...spec }].map(isTraced)).to.deep.equal([false, false, true, false, true]);
  });
});

describe('the spans of the octokit preset', () => {
  const listForRepo = Object.assign(() => {}, {
    endpoint: { DEFAULTS: { method: 'GET', url: '/repos/{owner}/{repo}/issues{?page}' } },
  });
  const NAMES: [unknown, string][] = [
    ['GET /orgs/{org}/repos', 'octokit.paginate GET /orgs/{org}/repos'],
    ['/user/repos?type=secret', 'octokit.paginate GET /user/repos'],
    [listForRepo, 'octokit.paginate GET /repos/{owner}/{repo}/issues'],
    [{ method: 'GET', url: '/events' }, 'octokit.paginate GET /events'],
    ['GET /repos/secret/secret/issues', 'octokit.paginate'],
    ['https://example.org/secret', 'octokit.paginate'],
    [{ url: 'secret' }, 'octokit.paginate'],
    [() => {}, 'octokit.paginate'],
    [undefined, 'octokit.paginate'],
  ];
  for (const [route, name] of NAMES) {
    it(`are called ${name} for ${typeof route === 'string' ? route : typeof route}`, () => {
      expect(nameOf(octokit, { exportPath: 'paginateRest.paginate.iterator', args: [route] })).to.equal(name);
      expect(nameOf(octokit, { exportPath: 'composePaginateRest.iterator', args: [{}, route] })).to.equal(name);
    });
  }
});

describe('the spans of the slack preset', () => {
  it('are called after the method, if it is one', () => {
    const names = ['conversations.list', 'admin.users.list', 'secret', '', undefined, { secret: 1 }];
    expect(names.map((method) => nameOf(slack, { args: [method] }))).to.deep.equal([
      'slack.conversations.list',
      'slack.admin.users.list',
      ...Array.from({ length: 4 }, () => 'slack.paginate'),
    ]);
  });
});

describe('the azure preset', () => {
  it('knows the signal of a query of Cosmos DB', () => {
    const target = azure.targets.find(({ module }) => module === '@azure/cosmos');
    const { signal } = new AbortController();
    const signals = [{ options: { abortSignal: signal } }, {}].map((thisArg) =>
      target?.abortSignal?.({ thisArg, args: [] } as unknown as GeneratorCall),
    );
    expect(signals).to.deep.equal([signal, undefined]);
  });
});

/**
 * Clients of services that page through lists. Most of their iterators send nothing before the first pull.
 */
import type { GeneratorCall } from '../types';
import { at, textAt, type OwnPreset } from './preset';

const stripeList = {
  spanName: nameOfStripeList,
  // They page by themselves: the run is over when they are.
  thenableMembers: [{ name: 'autoPagingEach' }, { name: 'autoPagingToArray' }],
};

/** What `list()` and `search()` return is the promise of a page, and iterable: which of the two a program wants is known later. */
export const stripe: OwnPreset = {
  name: 'stripe',
  traces:
    'list() and search() of all resources: a page, or all of them by iteration, autoPagingEach() or autoPagingToArray()',
  spans: 'stripe.customers.list',
  targets: [
    ...['cjs', 'esm'].map((format) => ({
      ...stripeList,
      module: `stripe/${format}/StripeMethod.js`,
      versions: '>=12.0.0 <22.0.0',
      exports: ['stripeMethod()'],
      shouldTrace: ({ factoryArgs }: GeneratorCall) => isStripeList(factoryArgs?.[0]),
    })),
    ...['cjs', 'esm'].map((format) => ({
      ...stripeList,
      module: `stripe/${format}/StripeResource.js`,
      versions: '>=22.0.0',
      exports: ['StripeResource#_makeRequest'],
      shouldTrace: isFirstPage,
    })),
  ],
};

function isStripeList(spec: unknown): boolean {
  return textAt(spec, 'methodType') !== undefined;
}

/** What describes a call of `list()`: each call makes one, and its further pages are requested with the same. */
const paged = new WeakSet<object>();

function isFirstPage({ args }: GeneratorCall): boolean {
  const spec = args[4];
  if (!isStripeList(spec) || paged.has(spec as object)) return false;
  paged.add(spec as object);
  return true;
}

/** `stripe.customers.list`, `stripe.issuing.cards.list`: without the IDs that may be in the path. */
function nameOfStripeList({ args, factoryArgs }: GeneratorCall): string {
  const [spec, path] =
    factoryArgs === undefined ? [args[4], args[1]] : [factoryArgs[0], at(factoryArgs[0], 'fullPath')];
  const method = textAt(spec, 'methodType') ?? 'list';
  if (typeof path !== 'string') return `stripe.${method}`;
  // After the version: [namespace,] resource, [ID, resource]; `search` is the method.
  const parts = path
    .split('/')
    .filter((part) => part !== '' && part !== method)
    .slice(1);
  const isNested = parts.length > 2;
  const named = isNested ? [parts[0], ...(parts.length === 4 ? [parts[1]] : []), parts.at(-1)] : parts;
  return ['stripe', ...named, method].join('.');
}

/** The pages of the REST API, one item each. */
export const octokit: OwnPreset = {
  name: 'octokit',
  traces: 'octokit.paginate.iterator, also that of octokit and @octokit/rest',
  spans: 'octokit.paginate GET /repos/{owner}/{repo}/issues',
  targets: [
    {
      module: '@octokit/plugin-paginate-rest',
      exports: ['paginateRest().paginate.iterator', 'composePaginateRest.iterator'],
      isLazy: true,
      spanName: nameOfRoute,
    },
  ],
};

/** With the route as the API documents it. One that a program has put together may have names of users in it. */
function nameOfRoute({ args, exportPath }: GeneratorCall): string {
  const route = args[exportPath.startsWith('compose') ? 1 : 0];
  const { method, url } = typeof route === 'string' ? ofText(route) : ofRequest(route);
  if (method === undefined || url === undefined) return 'octokit.paginate';
  const [path = ''] = url.split(/\?|\{\?/);
  return isTemplate(path) ? `octokit.paginate ${method} ${path}` : 'octokit.paginate';
}

interface Route {
  readonly method: string | undefined;
  readonly url: string | undefined;
}

function ofText(route: string): Route {
  const [, method = 'GET', url] = /^(?:([A-Z]+) )?(\/\S*)$/.exec(route) ?? [];
  return { method, url };
}

/** Options, or a function that the client has made for a route, such as `octokit.rest.issues.listForRepo`. */
function ofRequest(route: unknown): Route {
  const options = typeof route === 'function' ? at(route, 'endpoint', 'DEFAULTS') : route;
  return { method: textAt(options, 'method'), url: textAt(options, 'url') };
}

/** The API's paths of one or two parts name nothing of a user's. */
function isTemplate(path: string): boolean {
  return path.startsWith('/') && (/\{\w+\}/.test(path) || path.split('/').length <= 3);
}

export const slack: OwnPreset = {
  name: 'slack',
  traces: 'WebClient#paginate',
  spans: 'slack.conversations.list',
  targets: [{ module: '@slack/web-api', exports: ['WebClient#paginate'], isLazy: true, spanName: nameOfSlackMethod }],
};

function nameOfSlackMethod({ args: [method] }: GeneratorCall): string {
  return typeof method === 'string' && /^[a-zA-Z]+(\.[a-zA-Z]+)+$/.test(method) ? `slack.${method}` : 'slack.paginate';
}

export const notion: OwnPreset = {
  name: 'notion',
  traces: 'iteratePaginatedAPI, and the other functions that iterate',
  spans: 'notion.iteratePaginatedAPI',
  targets: [
    {
      module: '@notionhq/client',
      exports: ['iterate*'],
      spanName: ({ exportPath }) => `notion.${exportPath}`,
    },
  ],
};

export const got: OwnPreset = {
  name: 'got',
  traces: 'got.paginate, also of instances that got.extend() makes',
  spans: 'got.paginate',
  targets: [
    {
      module: 'got/dist/source/create.js',
      versions: '>=12.0.0',
      exports: ['create/paginateEach'],
      spanName: 'got.paginate',
    },
  ],
};

/** Clients of Google Cloud that are generated: each `list*Async` is a call of this. */
export const googleCloud: OwnPreset = {
  name: 'google-cloud',
  traces: 'the list*Async methods of the generated clients of Google Cloud',
  spans: 'google-cloud.instances',
  targets: [
    {
      module: 'google-gax',
      versions: '>=4.0.0',
      exports: ['PageDescriptor#asyncIterate'],
      isLazy: true,
      spanName: ({ thisArg }) => ['google-cloud', textAt(thisArg, 'resourceField') ?? 'list'].join('.'),
    },
  ],
};

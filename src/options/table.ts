/**
 * All options in one table: where they may be given, which values are allowed, and what they do. The JSON Schema and the tables in
 * doc/api.md, doc/targets.md and doc/configuration.md are generated from it (scripts/write-options.mjs).
 */
import { SpanKind } from '@opentelemetry/api';
import {
  check,
  checkOptions,
  invalid,
  isName,
  isPlainObject,
  isText,
  type Check,
  type Options,
  type Type,
} from '../base/invalid';
import { MODULE_FORMS } from '../targets/module-pattern';
import { isRange } from '../targets/packages';
import { SELECTOR_FORMS } from '../targets/selector';
import type { AsyncGeneratorInstrumentationConfig, TargetConfig } from '../types';

/** `code`: of the instrumentation. `imports`: of `registerImportHooks`. `manual`: of the manual API. `target`: of a target object, in code and in a file. */
type Home = 'code' | 'imports' | 'manual' | 'environment' | 'file' | 'target';

export interface Option {
  readonly in: readonly Home[];
  readonly type: Type;
  /** In a file, where it differs. */
  readonly typeInFile?: Type;
  readonly default?: unknown;
  /** Sentences in Markdown; links are relative to `doc`. */
  readonly description: string;
  /** The description for options in code, where it differs. */
  readonly inCode?: string;
  /** Of a function. */
  readonly parameters?: string;
}

const SPAN_NAME = 'a string that is not empty';
const NAME = 'the name of a member: a string that is not empty';
export const TIMEOUT = 'a number of milliseconds, 0 or more';

/** Messages, the schema and the documentation list the options in this order. */
export const OPTIONS = {
  targets: {
    in: ['code', 'imports', 'environment', 'file'],
    type: listOrText('a string, or an array of targets'),
    typeInFile: listOrText('an array of targets, or a string of shorthands'),
    description:
      'What to trace: [shorthands](targets.md) with `;` between them. A file may have a list of shorthands and target objects instead. ' +
      'Relative paths start at the working directory; in a file, at the directory of the file.',
    inCode: '[Targets](targets.md): an array, or one string with `;` between them.',
  },
  presets: {
    in: ['code', 'imports', 'environment', 'file'],
    type: listOrText('"all", "auto", or an array of names of presets (doc/presets.md has all)'),
    typeInFile: listOrText('"all", "auto", or an array of names of presets'),
    description:
      'Names of [presets](presets.md) with `,` between them; `all`; or `auto`: those whose packages are installed. A file may have a list of ' +
      'names instead. If neither targets nor presets are given, `register` takes `auto`.',
    inCode:
      '[Lists of targets](presets.md) for popular packages: an array of names, or one string with `,` between them. `auto` takes those whose packages ' +
      'are installed, `all` takes all.',
  },
  configFile: {
    in: ['environment'],
    type: check(isText, 'the path of a file'),
    description: 'Path of a [configuration file](#the-file), in YAML or JSON.',
  },
  baseDir: {
    in: ['code', 'imports'],
    type: check(isText, 'the path of a directory'),
    description: 'Where relative paths in targets start. Default: the working directory.',
  },
  enabled: {
    in: ['code', 'imports', 'environment', 'file'],
    type: 'boolean',
    default: true,
    description: 'With `false`, this instrumentation is switched off. Other tracing is not affected.',
    inCode:
      'Whether it starts enabled. `NodeSDK` and `registerInstrumentations` enable it in any case, so call `disable()` after them. [Environment or ' +
      'file](configuration.md#environment-variables) can switch it off for good.',
  },
  genAi: {
    in: ['code', 'environment', 'file'],
    type: 'boolean',
    default: true,
    description:
      'Reads requests and chunks of model clients for `gen_ai.*` attributes and metrics. Only for [presets](presets.md) of model clients.',
  },
  module: {
    in: ['target'],
    type: check(isText, MODULE_FORMS),
    description:
      'A package, a sub-path or a file of a package, a core module, or your own files by path or glob (`./src/**/*.js`). Relative paths in a file ' +
      'start at the directory of the file.',
    inCode: 'As above.',
  },
  exports: {
    in: ['target'],
    type: (path, value) => {
      checkSelectors(path, value, 'an array of at least one selector');
      if ((value as unknown[]).length === 0) throw invalid(path, value, 'an array of at least one selector');
    },
    default: ['*'],
    description:
      'Selectors of definitions (`**`, `outer/inner`, and for own files any name) or of exports. For own files the default is `**`: every ' +
      'async generator defined in them.',
  },
  exclude: {
    in: ['target'],
    type: (path, value) => {
      checkSelectors(path, value, 'an array of selectors');
    },
    default: [],
    description: 'Selectors of definitions and exports to leave alone.',
  },
  versions: {
    in: ['target'],
    type: check((value) => isText(value) && isRange(value), 'a semver range such as "^3.0.0"'),
    description: 'Versions of the package to trace, as a semver range.',
  },
  spanName: {
    in: ['target', 'manual'],
    type: check(
      (value) => isName(value) || typeof value === 'function',
      `${SPAN_NAME}, or a function that returns one`,
    ),
    typeInFile: check(isName, SPAN_NAME),
    description: 'Name of the spans. Without it, the path of the export: `Client.stream`.',
    inCode:
      'Name of the spans: a string, or a function of the call. Without it, the path of the export: `Client.stream`.',
  },
  spanKind: {
    in: ['target', 'manual'],
    type: check((value) => typeof value === 'number' && value in SpanKind, 'a SpanKind of @opentelemetry/api'),
    typeInFile: ['internal', 'server', 'client', 'producer', 'consumer'],
    default: 'internal',
    description: 'Kind of the spans.',
    inCode: 'Kind of the spans, a `SpanKind`.',
  },
  attributes: {
    in: ['target', 'manual'],
    type: (path, value) => {
      if (!isPlainObject(value)) throw invalid(path, value, 'an object of attributes');
      for (const [key, attribute] of Object.entries(value)) checkAttribute(`${path}.${key}`, attribute);
    },
    default: {},
    description: 'Attributes set at the start of every span.',
  },
  startOn: {
    in: ['target', 'manual'],
    type: ['pull', 'call'],
    default: 'pull',
    description:
      'When the run of an async-generator function starts: at its first pull, or at the call, as the runs of other functions always do. ' +
      'For a stream in a property, `call` makes the call a part of the run.',
  },
  thenableMembers: {
    in: ['target'],
    type: (path, value) => {
      if (!Array.isArray(value)) {
        throw invalid(
          path,
          value,
          'an array of { name, property? }, such as { name: "withResponse", property: "data" }',
        );
      }
      for (const [index, member] of value.entries()) {
        checkOptions(`${path}[${index}]`, member, MEMBER_OPTIONS);
        if ((member as { name?: unknown }).name === undefined) throw invalid(`${path}[${index}].name`, undefined, NAME);
      }
    },
    default: [],
    description:
      'For functions that return promises: methods of the promise, other than `then`, `catch` and `finally`, that give the program the result. ' +
      'A list of `{ name, property }`. It replaces the methods that are known for generated clients.',
  },
  timing: {
    in: ['code', 'manual', 'file'],
    type: 'boolean',
    default: true,
    description: 'Measures time to the first item, producer time and consumer time.',
  },
  contextFrom: {
    in: ['code', 'manual', 'file'],
    type: ['pull', 'creation'],
    default: 'pull',
    description: "Where the body's context comes from: each pull, as untraced, or the creation of the generator.",
  },
  preserveUnhandledRejections: {
    in: ['code', 'manual', 'file'],
    type: 'boolean',
    default: false,
    description:
      'Observing a pull marks its promise as handled. With `true`, a rejected pull that is not awaited still raises `unhandledRejection`, and ' +
      'async stack traces stay complete. This costs one microtask tick per pull; see [limits](limits.md).',
  },
  requireParentSpan: {
    in: ['code', 'manual', 'file'],
    type: 'boolean',
    default: false,
    description: 'Traces a call only if a span is active.',
  },
  exitTimeout: {
    in: ['environment', 'file'],
    type: check(isTimeout, TIMEOUT),
    default: 2000,
    description:
      'How long the [end of a process](zero-code.md#the-end-of-the-process) may wait for the collector, in milliseconds. Only if `register` ' +
      'has started the SDK.',
  },
  contextSwitch: {
    in: ['environment'],
    type: ['api'],
    description:
      "`api`: every pull enters the generator's context through OpenTelemetry's `context.with`, not through [Node's internals](#context-switch).",
  },
  onStart: {
    in: ['code', 'manual'],
    type: 'function',
    parameters: 'span, call',
    description: 'Hook: the span has started, the body has not run yet.',
  },
  onItem: {
    in: ['code', 'manual'],
    type: 'function',
    parameters: 'span, item, index',
    description: 'Hook: for every item, before the consumer sees it.',
  },
  onEnd: {
    in: ['code', 'manual'],
    type: 'function',
    parameters: 'span, summary',
    description: 'Hook: the run has ended, the span is about to end.',
  },
  shouldTrace: {
    in: ['code', 'manual', 'target'],
    type: 'function',
    parameters: 'call',
    description: 'Hook: if it returns `false`, the call is not traced.',
  },
  classifyError: {
    in: ['code', 'manual'],
    type: 'function',
    parameters: 'error',
    description:
      "Hook: returns `'failed'`, `'aborted'`, or `undefined`, which leaves the decision to the preset, or else to the default.",
  },
} as const satisfies Readonly<
  Record<
    keyof AsyncGeneratorInstrumentationConfig | keyof TargetConfig | 'configFile' | 'exitTimeout' | 'contextSwitch',
    Option
  >
>;

export type OptionName = keyof typeof OPTIONS;
const MEMBER_OPTIONS: Options = { name: { type: check(isName, NAME) }, property: { type: check(isName, NAME) } };

export function namesIn(home: Home): OptionName[] {
  return (Object.keys(OPTIONS) as OptionName[]).filter((name) => (OPTIONS[name].in as readonly Home[]).includes(home));
}

export function optionsIn(home: Home): Options {
  return Object.fromEntries(namesIn(home).map((name) => [name, OPTIONS[name]]));
}

/** `spanName` as files have it, `span_name`. */
export const toSnakeCase = (name: string) => name.replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`);

export function isTimeout(value: unknown): boolean {
  return Number.isFinite(value) && (value as number) >= 0;
}

function listOrText(allowed: string): Check {
  return check((value) => isText(value) || Array.isArray(value), allowed);
}

function checkSelectors(path: string, value: unknown, allowed: string): void {
  if (!Array.isArray(value)) throw invalid(path, value, allowed);
  // `forEach` skips holes.
  for (const [index, selector] of value.entries()) {
    if (typeof selector !== 'string') throw invalid(`${path}[${index}]`, selector, SELECTOR_FORMS);
  }
}

/** What the API's `Attributes` allows. `undefined` is as good as no attribute. */
function checkAttribute(path: string, value: unknown): void {
  if (value === undefined) return;
  const [type = 'string', ...others] = new Set(
    Array.isArray(value) ? value.map((each) => typeof each) : [typeof value],
  );
  if (others.length > 0 || !['string', 'number', 'boolean'].includes(type)) {
    throw invalid(path, value, 'a string, number, boolean, or an array of one of them');
  }
}

import type { Attributes } from '@opentelemetry/api';
import { InstrumentationBase, type Instrumentation } from '@opentelemetry/instrumentation';
import { checkKeys, invalid } from '../../base/invalid';
import type { AsyncGeneratorInstrumentationConfig, SpanOptions } from '../../types';
import { resolveFormat, type FormatOptions } from '../format/options';

/** Options of a `SpanRecorder`. */
export interface SpanRecorderOptions {
  /** Instrumentations to register, and to disable at `shutdown`. */
  instrumentations?: readonly Instrumentation[];
  /** Async generators to trace, as for `AsyncGeneratorInstrumentation`. */
  targets?: AsyncGeneratorInstrumentationConfig['targets'];
  /**
   * Directory that relative paths in targets start at.
   * @default process.cwd()
   */
  baseDir?: string;
  /** Attributes of the resource. Not shown unless `format` says so. */
  resource?: Attributes;
  /**
   * `true`: set up nothing. Give `recorder.spanProcessor` to the provider that the test sets up.
   * @default false
   */
  attach?: boolean;
  /** How the spans are shown, wherever the recorder is formatted or compared. */
  format?: FormatOptions;
  /**
   * How siblings are ordered: `calls`, as the program called for them, which costs some microseconds for each promise
   * of the program, or `structure`, by what is shown of them.
   * @default 'calls'
   */
  order?: 'calls' | 'structure';
}

/** Options of `recorder.patch`. */
export interface PatchNamespaceOptions extends SpanOptions {
  /** What the module is called as a target, for `async_generator.module.name`: `'./src/feed.js'`. */
  module?: string;
}

const KEYS: readonly (keyof SpanRecorderOptions)[] = [
  'targets',
  'instrumentations',
  'baseDir',
  'resource',
  'attach',
  'format',
  'order',
];

/** @throws TypeError that names the option, the value and what is allowed */
export function checkRecorderOptions(options: SpanRecorderOptions): void {
  if (!isObject(options)) throw invalid('options', options, 'an object');
  checkKeys(options, KEYS);
  const { instrumentations, resource, attach, format, order } = options;
  if (instrumentations !== undefined && !Array.isArray(instrumentations)) {
    throw invalid('instrumentations', instrumentations, 'an array of instrumentations');
  }
  instrumentations?.forEach((each: unknown, index) => {
    if (!(each instanceof InstrumentationBase) && typeof (each as Partial<Instrumentation>)?.enable !== 'function') {
      throw invalid(`instrumentations[${index}]`, each, 'an instrumentation');
    }
  });
  if (resource !== undefined && !isObject(resource)) throw invalid('resource', resource, 'an object of attributes');
  if (attach !== undefined && typeof attach !== 'boolean') throw invalid('attach', attach, 'true or false');
  if (attach === true && resource !== undefined) {
    throw invalid('resource', resource, 'no resource with `attach`: it is that of your provider');
  }
  if (order !== undefined && order !== 'calls' && order !== 'structure') {
    throw invalid('order', order, '"calls" or "structure"');
  }
  if (format !== undefined) resolveFormat(format, 'format.');
}

function isObject(value: unknown): value is object {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

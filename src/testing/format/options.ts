import { checkKeys, invalid } from '../../base/invalid';
import type { SpanLike } from './span-like';
import {
  LEFT_OUT_BY_DEFAULT,
  toRedact,
  toSelected,
  type IsSelected,
  type Redact,
  type Redaction,
  type Selection,
} from './selection';

/** What `formatSpans` and `spansToJSON` show. */
export interface FormatOptions {
  /**
   * Shown although left out by default: `['*.version', 'resource.service.name']`.
   * @default []
   */
  include?: Selection;
  /**
   * Left out, besides what is by default. Wins over `include`.
   * @default []
   */
  exclude?: Selection;
  /** What to show in place of values that are different in every run: `{ 'url.path': '<path>' }`. */
  redact?: Redaction;
  /**
   * Return `true` to leave a whole span out; its children take its place.
   *
   * @example
   * omitSpan: (span) => span.instrumentationScope.name === '@opentelemetry/instrumentation-dns'
   */
  omitSpan?: (span: SpanLike) => boolean;
  /**
   * Absolute paths below it are shown from there.
   * @default process.cwd()
   */
  baseDir?: string;
}

export interface ResolvedFormat {
  readonly isShown: IsSelected;
  readonly redact: Redact;
  readonly isOmitted: (span: SpanLike) => boolean;
  readonly baseDir: string;
}

const KEYS: readonly (keyof FormatOptions)[] = ['include', 'exclude', 'redact', 'omitSpan', 'baseDir'];
const isLeftOut = toSelected('', LEFT_OUT_BY_DEFAULT);

/** @throws TypeError that names the option, the value and what is allowed */
export function resolveFormat(options: FormatOptions, prefix = ''): ResolvedFormat {
  if (typeof options !== 'object' || options === null) throw invalid(prefix || 'options', options, 'an object');
  checkKeys(options, KEYS, prefix);
  const { omitSpan, baseDir } = options;
  if (omitSpan !== undefined && typeof omitSpan !== 'function') {
    throw invalid(`${prefix}omitSpan`, omitSpan, 'a function of the span');
  }
  if (baseDir !== undefined && typeof baseDir !== 'string') {
    throw invalid(`${prefix}baseDir`, baseDir, 'the path of a directory');
  }
  const isIncluded = toSelected(`${prefix}include`, options.include);
  const isExcluded = toSelected(`${prefix}exclude`, options.exclude);
  return {
    isShown: (path, value, span) =>
      !isExcluded(path, value, span) && (!isLeftOut(path, value, span) || isIncluded(path, value, span)),
    redact: toRedact(options.redact),
    isOmitted: omitSpan ?? (() => false),
    baseDir: baseDir ?? process.cwd(),
  };
}

/**
 * Which attributes and spans are shown, and what is shown instead.
 */
import { checkKeys, invalid } from '../../base/invalid';
import type { SpanLike } from './span-like';
import { escapeRegExp } from '../../base/foreign-text';

/**
 * Attribute paths, in which `*` means any characters, or a function that decides for each attribute.
 *
 * The path of a span's attribute is its key. Others are `events.<name>.<key>`, `links.<key>`, `resource.<key>`, `scope.name`
 * and `scope.version`.
 */
export type Selection = readonly string[] | ((path: string, value: unknown, span: SpanLike) => boolean);

/**
 * What to show instead of a value: an object with a text, or a function of the value, for each attribute path; or one function
 * for all values, which returns the value itself to keep it. The paths are those of a `Selection`, and `span.name` and
 * `span.status.message`. A function that returns `undefined` leaves the value out.
 */
export type Redaction =
  | Readonly<Record<string, string | ((value: unknown, span: SpanLike) => unknown)>>
  | ((path: string, value: unknown, span: SpanLike) => unknown);

/** What `formatSpans` and `spansToJSON` show. */
export interface FormatOptions {
  /**
   * Attributes to show that are left out by default: `['*.version', 'resource.service.name']`.
   * @default []
   */
  include?: Selection;
  /**
   * More attributes to leave out. Wins over `include`.
   * @default []
   */
  exclude?: Selection;
  /** What to show instead of values that differ from run to run: `{ 'url.path': '<path>' }`. */
  redact?: Redaction;
  /**
   * Returns `true` to leave out a span. Its children take its place.
   *
   * @example
   * omitSpan: (span) => span.instrumentationScope.name === '@opentelemetry/instrumentation-dns'
   */
  omitSpan?: (span: SpanLike) => boolean;
  /**
   * Absolute paths below this directory are shown relative to it.
   * @default process.cwd()
   */
  baseDir?: string;
}

type IsSelected = (path: string, value: unknown, span: SpanLike) => boolean;
type Redact = (path: string, value: unknown, span: SpanLike) => unknown;

export interface ResolvedFormat {
  readonly isShown: IsSelected;
  readonly redact: Redact;
  readonly isOmitted: (span: SpanLike) => boolean;
  readonly baseDir: string;
}

/**
 * Left out unless `include` brings it back: times, durations, ports, versions, and whatever else depends on the machine.
 */
export const LEFT_OUT_BY_DEFAULT: readonly string[] = [
  'resource.*',
  'scope.*',
  // Times and durations.
  'async_generator.time_to_first_item',
  'async_generator.producer.time',
  'async_generator.consumer.time',
  'gen_ai.response.time_to_first_chunk',
  '*duration',
  '*duration_ms',
  '*.timestamp',
  // Ports, and addresses that are 127.0.0.1 on one machine and ::1 on another.
  '*.port',
  'client.address',
  'network.peer.address',
  'network.local.address',
  'net.peer.ip',
  'net.host.ip',
  'net.sock.*',
  'http.client_ip',
  // Versions.
  '*.version',
  'user_agent.*',
  'http.user_agent',
  // Places in files, and in the process.
  '*.stacktrace',
  'code.line.number',
  'code.column.number',
  'code.lineno',
  'code.column',
  'thread.*',
  'process.*',
  'host.*',
  'os.*',
];

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

function toSelected(option: string, selection: Selection = []): IsSelected {
  if (typeof selection === 'function') return selection;
  if (!Array.isArray(selection)) throw invalid(option, selection, 'an array of attribute paths, or a function');
  if (selection.length === 0) return () => false;
  const pattern = toPattern(selection.map((each, index) => toSource(`${option}[${index}]`, each)).join('|'));
  return (path) => pattern.test(path);
}

function toRedact(redaction: Redaction = {}): Redact {
  if (typeof redaction === 'function') return redaction;
  if (typeof redaction !== 'object' || redaction === null) {
    throw invalid('redact', redaction, 'an object of attribute paths, or a function');
  }
  const rules = Object.entries(redaction).map(([path, replacement]) => {
    if (typeof replacement !== 'string' && typeof replacement !== 'function') {
      throw invalid(`redact[${JSON.stringify(path)}]`, replacement, 'a string, or a function of the value');
    }
    return { pattern: toPattern(toSource('redact', path)), replacement };
  });
  return (path, value, span) => {
    const rule = rules.find(({ pattern }) => pattern.test(path));
    if (rule === undefined) return value;
    return typeof rule.replacement === 'string' ? rule.replacement : rule.replacement(value, span);
  };
}

function toPattern(source: string): RegExp {
  return new RegExp(`^(?:${source})$`);
}

function toSource(option: string, path: unknown): string {
  if (typeof path !== 'string' || path === '') {
    throw invalid(option, path, 'an attribute path such as "http.request.*"');
  }
  return path.split('*').map(escapeRegExp).join('[^]*');
}

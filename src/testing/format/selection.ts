/**
 * Which attributes are shown, and what is shown instead.
 */
import { invalid } from '../../base/invalid';
import type { SpanLike } from './span-like';

/**
 * Attribute paths, in which `*` stands for any characters, or a function that answers for one.
 *
 * The path of a span's attribute is its key. Others are `events.<name>.<key>`, `links.<key>`, `resource.<key>`, `scope.name`
 * and `scope.version`.
 */
export type Selection = readonly string[] | ((path: string, value: unknown, span: SpanLike) => boolean);

/**
 * What to show in place of a value, by attribute path: a text, or a function of the value. Or one function for all, which
 * returns the value itself to leave it as it is. Besides the paths of a `Selection` there are `span.name` and
 * `span.status.message`.
 */
export type Redaction =
  | Readonly<Record<string, string | ((value: unknown, span: SpanLike) => unknown)>>
  | ((path: string, value: unknown, span: SpanLike) => unknown);

export type IsSelected = (path: string, value: unknown, span: SpanLike) => boolean;
export type Redact = (path: string, value: unknown, span: SpanLike) => unknown;

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

export function toSelected(option: string, selection: Selection | undefined): IsSelected {
  if (selection === undefined) return () => false;
  if (typeof selection === 'function') return selection;
  if (!Array.isArray(selection)) throw invalid(option, selection, 'an array of attribute paths, or a function');
  const patterns = selection.map((each, index) => toPattern(`${option}[${index}]`, each));
  // Attributes are few and come again for every span.
  const known = new Map<string, boolean>();
  return (path) => {
    let selected = known.get(path);
    if (selected === undefined) {
      selected = patterns.some((pattern) => pattern.test(path));
      known.set(path, selected);
    }
    return selected;
  };
}

export function toRedact(redaction: Redaction | undefined): Redact {
  if (redaction === undefined) return (_path, value) => value;
  if (typeof redaction === 'function') return redaction;
  if (typeof redaction !== 'object' || redaction === null) {
    throw invalid('redact', redaction, 'an object of attribute paths, or a function');
  }
  const rules = Object.entries(redaction).map(([path, replacement]) => {
    if (typeof replacement !== 'string' && typeof replacement !== 'function') {
      throw invalid(`redact[${JSON.stringify(path)}]`, replacement, 'a string, or a function of the value');
    }
    return { pattern: toPattern('redact', path), replacement };
  });
  return (path, value, span) => {
    const rule = rules.find(({ pattern }) => pattern.test(path));
    if (rule === undefined) return value;
    return typeof rule.replacement === 'string' ? rule.replacement : rule.replacement(value, span);
  };
}

function toPattern(option: string, path: unknown): RegExp {
  if (typeof path !== 'string' || path === '')
    throw invalid(option, path, 'an attribute path such as "http.request.*"');
  const parts = path.split('*').map((part) => part.replace(/[\\^$.+?()[\]{}|]/g, '\\$&'));
  return new RegExp(`^${parts.join('[^]*')}$`);
}

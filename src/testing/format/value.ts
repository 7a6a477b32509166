/**
 * The text of an attribute's value, on one line. OpenTelemetry's attributes are strings, numbers, booleans and arrays of
 * them, and maps and bytes with newer versions of its data model; SDKs of others may hold anything.
 */
import { quote, quoteKey } from './escape';

const MAX_DEPTH = 8;

export function formatValue(value: unknown): string {
  return format(value, []);
}

function format(value: unknown, above: readonly object[]): string {
  switch (typeof value) {
    case 'string':
      return quote(value);
    case 'number':
      return Object.is(value, -0) ? '-0' : String(value);
    case 'bigint':
      return `${value}n`;
    case 'boolean':
    case 'undefined':
      return String(value);
    case 'symbol':
      return `symbol ${quote(value.description ?? '')}`;
    case 'function':
      return 'function';
    case 'object':
      return value === null ? 'null' : formatObject(value, above);
  }
}

function formatObject(value: object, above: readonly object[]): string {
  if (above.includes(value)) return '(circular)';
  if (above.length >= MAX_DEPTH) return '(deeper)';
  const inner = [...above, value];
  if (value instanceof Date) return `date ${Number.isNaN(value.getTime()) ? 'invalid' : value.toISOString()}`;
  if (ArrayBuffer.isView(value)) {
    const bytes = Buffer.from(value.buffer, value.byteOffset, value.byteLength);
    return `bytes ${quote(bytes.toString('hex'))}`;
  }
  if (Array.isArray(value)) return `[${value.map((each) => format(each, inner)).join(', ')}]`;
  const entries = Object.entries(value).sort(byKey);
  return `{${entries.map(([key, each]) => `${quoteKey(key)}: ${format(each, inner)}`).join(', ')}}`;
}

/** By UTF-16 code units: the same on every machine, whatever its locale. */
export function compareText(a: string, b: string): number {
  return a < b ? -1 : Number(a > b);
}

export function byKey([a]: readonly [string, unknown], [b]: readonly [string, unknown]): number {
  return compareText(a, b);
}

import { inspect } from 'node:util';
import { escapeControls } from '../base/foreign-text';

/** The error for a value in the configuration that is not allowed: says where, what, and what would be right. */
export function invalid(path: string, value: unknown, allowed: string): TypeError {
  const shown = inspect(value, { depth: 1, maxStringLength: 120, breakLength: Infinity });
  return new TypeError(`${escapeControls(`${path}: ${shown}`)} is not allowed; expected ${allowed}`);
}

import { escapeControls } from '../../base/foreign-text';
import type { ObservedRun } from './model';

/** The name of a run, fit for a terminal. */
export const nameOf = ({ name }: ObservedRun): string => escapeControls(name) || '(no name)';

/** The module of a run, fit for a terminal. Empty for one that was traced by hand. */
export const moduleOf = ({ module }: ObservedRun): string => escapeControls(module ?? '');

/** What a run failed with, fit for a terminal. */
export function errorOf({ end }: ObservedRun): string | undefined {
  if (end?.error === undefined) return undefined;
  const { type, message } = end.error;
  return escapeControls(message === '' ? type : `${type}: ${message}`);
}

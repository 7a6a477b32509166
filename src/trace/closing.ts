/**
 * The ways of closing what a call returned that its iterator does not hear of: the language's `Symbol.asyncDispose`, and the methods that
 * a preset names.
 */
import { isObjectLike, reflectApply, type AnyFunction } from '../base/intrinsics';
import { activeContext } from './context';
import { installMembers, setName, type Member } from './members';
import { observe } from './observe';
import type { Run } from './run';

/**
 * Members in place of those of `object` that close it.
 *
 * @param names of its methods, or the path of a method further down (`controller.abort`), which gets its member at once
 * @param openRuns the runs that are over once `object` has been closed
 */
export function closingMembers(object: object, names: readonly string[], openRuns: () => readonly Run[]): Member[] {
  const members: Member[] = [];
  for (let index = 0; index < names.length; index++) {
    const name = names[index] as string;
    const dot = name.indexOf('.');
    if (dot < 0) {
      const member = closingMember(object, name, openRuns);
      if (member !== undefined) members[members.length] = member;
      continue;
    }
    const owner = (object as Record<string, unknown>)[name.slice(0, dot)];
    const member = isObjectLike(owner) ? closingMember(owner, name.slice(dot + 1), openRuns) : undefined;
    if (member !== undefined) installMembers(owner as object, [member]);
  }
  return members;
}

/** Without those that the client closes: a stream may abort its request in a `finally`, as its last act. */
function closedFromOutside(runs: readonly Run[]): Run[] {
  const active = activeContext();
  const closed: Run[] = [];
  for (let index = 0; index < runs.length; index++) {
    const run = runs[index] as Run;
    if (!run.isClosedByClient(active)) closed[closed.length] = run;
  }
  return closed;
}

export function closingMember(owner: object, key: PropertyKey, openRuns: () => readonly Run[]): Member | undefined {
  const original = (owner as Record<PropertyKey, unknown>)[key];
  if (typeof original !== 'function') return undefined;
  const close = function (this: unknown, ...args: unknown[]): unknown {
    if (this !== owner) return reflectApply(original as AnyFunction, this, args);
    const runs = closedFromOutside(openRuns());
    for (let index = 0; index < runs.length; index++) (runs[index] as Run).closing();
    const closed = (error?: unknown, isFailed = false): void => {
      for (let index = 0; index < runs.length; index++) (runs[index] as Run).settleClosing(error, isFailed);
    };
    let result: unknown;
    try {
      result = reflectApply(original as AnyFunction, this, args);
    } catch (error) {
      closed(error, true);
      throw error;
    }
    if (runs.length === 0) return result;
    const onValue = (value: unknown): unknown => {
      closed();
      return value;
    };
    const onError = (error: unknown): void => {
      closed(error, true);
    };
    return observe(result, onValue, onError, (runs[0] as Run).tracing.plan.preserveUnhandledRejections);
  };
  setName(close, typeof key === 'symbol' ? `[${key.description ?? ''}]` : String(key));
  return { key, value: close };
}

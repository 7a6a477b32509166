/**
 * Whether a context manager does nothing but keep contexts in an AsyncLocalStorage, so that nobody misses it where that storage
 * is set without it. That cannot be found out by trying: a manager may tell a profiler what is active, or do more for some
 * contexts only. OpenTelemetry's own is known to do nothing else, and is told by name, since every copy of it has a class of its own.
 */
import type { ContextManager } from '@opentelemetry/api';
import { classNameOf, getPrototypeOf, hasOwn } from '../../base/intrinsics';

const OWN = 'AsyncLocalStorageContextManager';

/** Those that are not recognised (a bundler may have renamed the class) switch by the API: slower, and of no other consequence. */
export function isPlain(manager: ContextManager): boolean {
  return isOwn(manager, 'active') && isOwn(manager, 'with');
}

/** Whether somebody has wrapped the manager's `with`, who wants to hear of every context. */
export function isWrapped(manager: ContextManager): boolean {
  const { with: method } = manager;
  return hasOwn(method, '__original') || (hasOwn(manager, 'with') && 'with' in (getPrototypeOf(manager) ?? {}));
}

/** Whether the method is the one that OpenTelemetry's class has: not overridden by a subclass, not patched. */
function isOwn(manager: ContextManager, name: 'active' | 'with'): boolean {
  let owner: object | null = getPrototypeOf(manager);
  while (owner !== null && !hasOwn(owner, name)) owner = getPrototypeOf(owner);
  const method = manager[name] as unknown;
  return (
    owner !== null &&
    classNameOf(owner) === OWN &&
    !hasOwn(manager, name) &&
    typeof method === 'function' &&
    method.name === name &&
    // What shimmer leaves on those that it has wrapped.
    !hasOwn(method, '__original')
  );
}

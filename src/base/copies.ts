/**
 * What all copies of this package in a process share, as nested node_modules may bring several, of different versions.
 */
import { PACKAGE_NAME } from '../version';

/**
 * What the first copy that asks has made.
 *
 * @param name with the version of its shape, which only grows: copies of other versions read it
 */
export function sharedByCopies<T extends object>(name: string, create: () => T): T {
  const shared = globalThis as unknown as Record<symbol, T | undefined>;
  return (shared[Symbol.for(`${PACKAGE_NAME}.${name}`)] ??= create());
}

/**
 * The async generators, and what is iterated like one, among Node's own functions. `events.on` is what `for await` over a
 * `readline` interface uses, too.
 */
import type { TargetConfig } from '../types';

export const node: readonly TargetConfig[] = [
  { module: 'timers/promises', exports: ['setInterval'], spanName: 'timers/promises.setInterval' },
  { module: 'events', exports: ['on'], spanName: 'events.on' },
  { module: 'fs/promises', exports: ['watch'], spanName: 'fs/promises.watch' },
];

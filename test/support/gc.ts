import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';

setFlagsFromString('--expose-gc');
const gc = runInNewContext('gc') as () => void;

/** Collects garbage until `done()` holds; finalization callbacks run between the rounds. */
export async function collectUntil(done: () => boolean, rounds = 300): Promise<boolean> {
  for (let round = 0; round < rounds && !done(); round++) {
    gc();
    await new Promise((resolve) => setImmediate(resolve));
  }
  return done();
}

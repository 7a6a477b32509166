import { batch } from './batch.mjs';
import { extract } from './extract.mjs';
import { transform } from './transform.mjs';

/** The orders to export, 250 at a time. */
export async function* orderBatches(client) {
  yield* batch(transform(extract(client)), 250);
}

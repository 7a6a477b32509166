import { setTimeout } from 'node:timers/promises';

/** Converts one page after the other, and yields the number of each that is done. */
export async function* convertPages(count) {
  for (let page = 1; page <= count; page++) {
    console.log(`page ${page} ...`);
    await setTimeout(500);
    yield page;
  }
}

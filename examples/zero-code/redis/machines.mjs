import { setTimeout } from 'node:timers/promises';

/** What the machines report, one after the other. */
export async function* reports(count) {
  for (let i = 0; i < count; i++) {
    await setTimeout(5);
    yield { machine: String((i % 4) + 1), celsius: String(60 + ((i * 7) % 40)) };
  }
}

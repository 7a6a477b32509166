import { entries } from './entries.mjs';

const LIMIT = 80;

/** The reports of machines that are too hot. */
export async function* alerts(client, key) {
  for await (const { machine, celsius } of entries(client, key)) {
    if (Number(celsius) > LIMIT) yield { machine, celsius: Number(celsius) };
  }
}

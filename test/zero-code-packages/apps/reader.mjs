import { count } from './count.mjs';

export async function read(to) {
  for await (const item of count(to)) console.log(item);
}

import { count, place } from './count.mts';

async function main(items: AsyncIterable<number>): Promise<void> {
  for await (const item of items) console.log(item satisfies number);
  console.log(place());
}

void main(count(3));

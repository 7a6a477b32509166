import { count } from './count.mts';

async function main(items: AsyncIterable<number>): Promise<void> {
  for await (const item of items) console.log(item satisfies number);
}

void main(count(3));

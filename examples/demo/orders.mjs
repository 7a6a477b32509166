import { GetObjectCommand } from '@aws-sdk/client-s3';
import { listObjects } from './objects.cjs';

/** Every order of a bucket, in which an object holds the orders of one day, one a line: `<number> <total>`. */
export async function* readOrders(client, bucket) {
  for await (const { Key } of listObjects(client, bucket)) {
    const { Body } = await client.send(new GetObjectCommand({ Bucket: bucket, Key }));
    for (const line of (await Body.transformToString()).trimEnd().split('\n')) {
      const [number, total] = line.split(' ');
      if (total === undefined) throw new RangeError(`${Key}: order ${number} has no total`);
      yield { number, total: Number(total) };
    }
  }
}

/**
 * As much of S3 as the demo needs: ListObjectsV2 and GetObject, on a free port of the loopback interface.
 */
import { createServer } from 'node:http';
import { setTimeout } from 'node:timers/promises';

const BUCKETS = {
  orders: {
    'monday.txt': '1 40\n2 25\n',
    'tuesday.txt': '3 60\n4 120\n',
    'wednesday.txt': '5 35\n6 80\n',
  },
  damaged: {
    'monday.txt': '1 40\n2 25\n',
    'tuesday.txt': '3 60\n4\n',
    'wednesday.txt': '5 35\n6 80\n',
  },
};

const LATENCY = 5;

const server = createServer(async (request, response) => {
  const { pathname, searchParams } = new URL(request.url, 'http://localhost');
  const [bucket, key] = pathname.slice(1).split('/');
  const objects = BUCKETS[bucket] ?? {};
  await setTimeout(LATENCY);
  if (!key) {
    response.setHeader('content-type', 'application/xml');
    response.end(listObjects(Object.entries(objects), searchParams));
  } else {
    response.setHeader('content-type', 'text/plain');
    response.end(objects[key]);
  }
});

/** One page of a listing. The continuation token is the number of objects listed before. */
function listObjects(objects, searchParams) {
  const start = Number(searchParams.get('continuation-token') ?? 0);
  const end = start + Number(searchParams.get('max-keys') ?? 1000);
  const contents = objects
    .slice(start, end)
    .map(([key, text]) => `<Contents><Key>${key}</Key><Size>${text.length}</Size></Contents>`);
  const next = end < objects.length ? `<NextContinuationToken>${end}</NextContinuationToken>` : '';
  return `<ListBucketResult><IsTruncated>${end < objects.length}</IsTruncated>${next}${contents.join('')}</ListBucketResult>`;
}

server.listen(0, '127.0.0.1', () => process.send(`http://127.0.0.1:${server.address().port}`));
process.once('disconnect', () => {
  server.close();
  server.closeAllConnections();
});

import { S3Client } from '@aws-sdk/client-s3';
import { readOrders } from './orders.mjs';
import { startServer } from './start-server.mjs';

// The AWS SDK would announce on Node 20 that it is going to ask for a newer one: not what this is about.
process.env.AWS_SDK_JS_NODE_VERSION_SUPPORT_WARNING_DISABLED = 'true';

const server = await startServer();
const client = new S3Client({
  endpoint: server.url,
  forcePathStyle: true,
  region: 'us-east-1',
  credentials: { accessKeyId: 'demo', secretAccessKey: 'demo' },
});

let sum = 0;
for await (const { total } of readOrders(client, 'orders')) sum += total;
console.log(`Read to the end:  the orders come to ${sum}`);

for await (const { number, total } of readOrders(client, 'orders')) {
  if (total < 100) continue;
  console.log(`Stopped early:    order ${number} is the first of 100 or more`);
  break;
}

try {
  for await (const order of readOrders(client, 'damaged')) void order;
} catch (error) {
  console.log(`Failed:           ${error.message}`);
}

client.destroy();
server.stop();

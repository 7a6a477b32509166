/** A stream of events of the AWS SDK: the records of a shard, on the oldest and the newest version that the preset knows. */
const { openClient } = require('../support/exits/aws.cjs');
const { event, exception } = require('../support/exits/event-stream.cjs');

const records = (text) =>
  event('SubscribeToShardEvent', {
    Records: [{ SequenceNumber: '1', PartitionKey: 'any', Data: Buffer.from(text).toString('base64') }],
    ContinuationSequenceNumber: '1',
    MillisBehindLatest: 0,
  });

module.exports = {
  preset: 'aws-sdk,bedrock',
  group: 'apps',
  packages: ['aws-events-3.478', 'aws-events-3'],
  module: '@aws-sdk/client-kinesis',

  async open({ KinesisClient, SubscribeToShardCommand }, { exit, signal, secret, onEnd }) {
    const client = await openClient(KinesisClient, { isHttp2: true, onEnd }, (response) => {
      response.write(event('initial-response', {}));
      response.write(records(`good ${secret}`));
      response.write(records('morning'));
      // The client is to leave it in the middle.
      if (exit === 'abort') return;
      if (exit === 'error') return response.end(exception('ResourceInUseException', { message: 'not yours' }));
      response.end(records('again'));
    });
    const request = new SubscribeToShardCommand({
      ConsumerARN: `arn:aws:kinesis:eu-central-1:123456789012:stream/any/consumer/${secret}:1`,
      ShardId: 'shardId-000000000000',
      StartingPosition: { Type: 'LATEST' },
    });
    const { EventStream } = await client.send(request, { abortSignal: signal });
    return EventStream;
  },
  show: ({ SubscribeToShardEvent }) =>
    SubscribeToShardEvent?.Records.map(({ Data }) => Buffer.from(Data).toString()) ?? [],

  spans: () => ({ name: 'Kinesis.SubscribeToShard' }),
};

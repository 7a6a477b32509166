/** Messages that a consumer of `@platformatic/kafka` reads, one at a time. */
const { addAbortSignal } = require('node:stream');
const { startKafkaBroker, TOPIC } = require('../support/exits/kafka-broker.cjs');

const LAST = 3;
/** The code of "not authorized to access the topic". */
const REFUSED = 29;

let close;

module.exports = {
  preset: 'kafka',
  group: 'data',
  packages: ['platformatic-kafka-1', 'platformatic-kafka-2'],
  module: '@platformatic/kafka',
  // An ES module, which Node 20 does not require.
  formats: ['esm'],

  async open({ Consumer, createRecordsBatch }, { exit, signal, secret, onEnd }) {
    const broker = await startKafkaBroker((offset) => {
      if (exit === 'error' && offset === 2) return REFUSED;
      if (offset > LAST) return undefined;
      const records = createRecordsBatch([{ topic: TOPIC, value: Buffer.from(`${secret} ${offset}`) }]);
      const batch = Buffer.from(records.buffer);
      batch.writeBigInt64BE(BigInt(offset));
      return batch;
    });
    const address = `127.0.0.1:${broker.port}`;
    const consumer = new Consumer({ groupId: 'group', clientId: 'test', bootstrapBrokers: [address], retries: false });
    const stream = await consumer.consume({
      topics: [TOPIC],
      mode: 'manual',
      offsets: [{ topic: TOPIC, partition: 0, offset: 0n }],
      autocommit: false,
      highWaterMark: 1,
    });
    close = exit === 'end' ? () => stream.close() : undefined;
    onEnd(async () => {
      await consumer.close(true);
      broker.close();
    });
    return exit === 'abort' ? addAbortSignal(signal, stream) : stream;
  },
  // A stream that is closed is at its end.
  show({ offset, value }) {
    if (Number(offset) === LAST) close?.();
    return value.toString();
  },

  spans: () => ({ name: 'kafka.MessagesStream' }),
};

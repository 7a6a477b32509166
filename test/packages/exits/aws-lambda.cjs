/** A stream of events of the AWS SDK over HTTP/1.1: what a function answers, by the client that has a method for each operation. */
const { openClient } = require('../support/exits/aws.cjs');
const { event } = require('../support/exits/event-stream.cjs');

const chunk = (text) => event('PayloadChunk', Buffer.from(text));

module.exports = {
  preset: 'aws-sdk',
  group: 'apps',
  packages: ['aws-events-3.478', 'aws-events-3'],
  module: '@aws-sdk/client-lambda',

  async open({ Lambda }, { exit, signal, secret, onEnd }) {
    const client = await openClient(Lambda, { isHttp2: false, onEnd }, (response) => {
      response.write(chunk(`good ${secret}`));
      response.write(chunk('morning'));
      // The client is to leave it in the middle.
      if (exit === 'abort') return;
      if (exit === 'error') return setImmediate(() => response.destroy());
      response.end(event('InvokeComplete', {}));
    });
    const request = { FunctionName: 'greet', Payload: Buffer.from(JSON.stringify({ who: secret })) };
    const { EventStream } = await client.invokeWithResponseStream(request, { abortSignal: signal });
    return EventStream;
  },
  show: ({ PayloadChunk, InvokeComplete }) =>
    PayloadChunk ? Buffer.from(PayloadChunk.Payload).toString() : InvokeComplete,

  spans: () => ({ name: 'Lambda.InvokeWithResponseStream' }),
};

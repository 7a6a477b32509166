/**
 * What a MongoDB server says to a driver that reads a cursor: a batch at a time, over its wire protocol.
 */
const { createRequire } = require('node:module');
const net = require('node:net');
const path = require('node:path');

const OP_REPLY = 1;
const OP_QUERY = 2004;
const OP_MSG = 2013;
const HEADER = 16;

/** What a server of this machine's says of itself. Without sessions, of which it would have to keep account. */
const HELLO = {
  helloOk: true,
  ismaster: true,
  isWritablePrimary: true,
  maxBsonObjectSize: 16 * 1024 * 1024,
  maxMessageSizeBytes: 48_000_000,
  maxWriteBatchSize: 100_000,
  minWireVersion: 0,
  maxWireVersion: 21,
};

/**
 * @param bson the driver's own package
 * @param batches what `find` and `aggregate` answer, and each `getMore` after them: a list of documents, an error
 *   (`{ code, errmsg }`), or undefined for no answer
 * @returns a server that listens, and closes with all of its connections
 */
async function startMongoServer(bson, batches) {
  const sockets = new Set();
  const server = net.createServer((socket) => {
    sockets.add(socket);
    socket.on('error', () => {}).on('close', () => sockets.delete(socket));
    let received = Buffer.alloc(0);
    socket.on('data', (data) => {
      received = Buffer.concat([received, data]);
      while (received.length >= HEADER && received.length >= received.readInt32LE(0)) {
        const length = received.readInt32LE(0);
        answer(socket, received.subarray(0, length));
        received = received.subarray(length);
      }
    });
  });

  let read = 0;
  function answer(socket, message) {
    const opCode = message.readInt32LE(12);
    const command = commandOf(message, opCode);
    const reply = replyTo(command);
    if (reply === undefined) return;
    const document = bson.serialize({ ok: reply.code === undefined ? 1 : 0, ...reply });
    const [code, before] = opCode === OP_QUERY ? [OP_REPLY, replyHeader()] : [OP_MSG, Buffer.alloc(5)];
    const header = Buffer.alloc(HEADER);
    header.writeInt32LE(HEADER + before.length + document.length, 0);
    header.writeInt32LE(message.readInt32LE(4), 8);
    header.writeInt32LE(code, 12);
    socket.write(Buffer.concat([header, before, document]));
  }

  function commandOf(message, opCode) {
    // Flags and the kind of the section; or flags, the name of the collection, and two numbers.
    const start = opCode === OP_MSG ? HEADER + 5 : message.indexOf(0, HEADER + 4) + 9;
    const length = message.readInt32LE(start);
    return bson.deserialize(message.subarray(start, start + length));
  }

  function replyTo(command) {
    const [name] = Object.keys(command);
    if (/^(hello|ismaster)$/i.test(name)) return HELLO;
    if (name !== 'find' && name !== 'aggregate' && name !== 'getMore') return {};
    if (name !== 'getMore') read = 0;
    const batch = batches[read++];
    if (!Array.isArray(batch)) return batch;
    const id = bson.Long.fromNumber(read < batches.length ? 42 : 0);
    return { cursor: { id, ns: 'test.rows', [name === 'getMore' ? 'nextBatch' : 'firstBatch']: batch } };
  }

  await new Promise((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    port: server.address().port,
    close() {
      server.close();
      for (const socket of sockets) socket.destroy();
    },
  };
}

/** Flags, the cursor's id, where it starts, and how many documents there are. */
function replyHeader() {
  const header = Buffer.alloc(20);
  header.writeInt32LE(1, 16);
  return header;
}

/** A collection, by the driver that the program has, on a server that gives the batches. */
async function openCollection({ MongoClient }, batches, onEnd) {
  const requireFromProgram = createRequire(path.join(process.cwd(), 'x.js'));
  const bson = createRequire(requireFromProgram.resolve('mongodb'))('bson');
  const server = await startMongoServer(bson, batches);
  const client = new MongoClient(`mongodb://127.0.0.1:${server.port}/?directConnection=true`);
  await client.connect();
  onEnd(async () => {
    await client.close();
    server.close();
  });
  return client.db('test').collection('rows');
}

module.exports = { openCollection };

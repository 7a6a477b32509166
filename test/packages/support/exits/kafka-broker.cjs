/**
 * What a Kafka broker says to a consumer: it has a topic of one partition, and a group of one member. Of each part of the protocol it has the version
 * that all clients have that are tried.
 */
const net = require('node:net');

const TOPIC = 'rows';
const TOPIC_ID = Buffer.alloc(16, 1);
const HOST = '127.0.0.1';
const MEMBER = 'member';
const END_OF_TOPIC = 100;

/** By its number in the protocol, each with its version. */
const APIS = {
  fetch: [1, 15],
  listOffsets: [2, 8],
  metadata: [3, 12],
  findCoordinator: [10, 4],
  joinGroup: [11, 9],
  heartbeat: [12, 4],
  leaveGroup: [13, 5],
  syncGroup: [14, 5],
  apiVersions: [18, 3],
};

const all = (...parts) => Buffer.concat(parts);
const int8 = (value) => Buffer.from([value]);
const int16 = (value) => number(2, (buffer) => buffer.writeInt16BE(value));
const int32 = (value) => number(4, (buffer) => buffer.writeInt32BE(value));
const int64 = (value) => number(8, (buffer) => buffer.writeBigInt64BE(BigInt(value)));
const bytes = (value) => all(varint(value.length + 1), value);
const text = (value) => bytes(Buffer.from(value));
const NULL = int8(0);
const list = (...items) => all(varint(items.length + 1), ...items.map((item) => all(item, TAGS)));
const numbers = (...values) => all(varint(values.length + 1), ...values.map(int32));
const TAGS = int8(0);
const NO_ERROR = int16(0);
const MEMBER_ID_REQUIRED = int16(79);
const NO_DELAY = int32(0);

function number(length, write) {
  const buffer = Buffer.alloc(length);
  write(buffer);
  return buffer;
}

function varint(value) {
  return value < 0x80 ? int8(value) : all(int8((value & 0x7f) | 0x80), varint(value >>> 7));
}

class Request {
  at = 0;
  constructor(buffer) {
    this.buffer = buffer;
  }
  skip(length) {
    this.at += length;
    return this.buffer.subarray(this.at - length, this.at);
  }
  int16 = () => this.skip(2).readInt16BE();
  int32 = () => this.skip(4).readInt32BE();
  int64 = () => this.skip(8).readBigInt64BE();
  varint = () => {
    const [byte] = this.skip(1);
    return byte < 0x80 ? byte : (byte & 0x7f) + this.varint() * 0x80;
  };
  /** Null has length 0. */
  bytes = () => this.skip(Math.max(this.varint() - 1, 0));
  skipTexts(count) {
    for (let index = 0; index < count; index++) this.bytes();
  }
}

/** What it answers to each request, without the tags at the end. */
const answersOf = (recordsAt) => ({
  apiVersions: () =>
    all(
      NO_ERROR,
      list(...Object.values(APIS).map(([key, version]) => all(...[key, version, version].map(int16)))),
      NO_DELAY,
    ),
  metadata(_request, port) {
    const partition = all(NO_ERROR, int32(0), int32(1), int32(0), numbers(1), numbers(1), numbers());
    const topic = all(NO_ERROR, text(TOPIC), TOPIC_ID, int8(0), list(partition), int32(0));
    const broker = all(int32(1), text(HOST), int32(port), NULL);
    return all(NO_DELAY, list(broker), NULL, int32(1), list(topic));
  },
  findCoordinator(request, port) {
    request.skip(1);
    request.varint();
    return all(NO_DELAY, list(all(bytes(request.bytes()), int32(1), text(HOST), int32(port), NO_ERROR, NULL)));
  },
  /** Who joins for the first time is told who it is, and joins again. The member is the leader, which assigns the partitions. */
  joinGroup(request) {
    request.bytes();
    request.skip(4 + 4);
    const isKnown = request.bytes().length > 0;
    if (!isKnown)
      return all(NO_DELAY, MEMBER_ID_REQUIRED, int32(-1), NULL, NULL, text(''), int8(0), text(MEMBER), list());
    request.bytes();
    const type = request.bytes();
    request.varint();
    const protocol = request.bytes();
    const member = all(text(MEMBER), NULL, bytes(request.bytes()));
    const names = all(bytes(type), bytes(protocol), text(MEMBER));
    return all(NO_DELAY, NO_ERROR, int32(1), names, int8(0), text(MEMBER), list(member));
  },
  syncGroup(request) {
    request.bytes();
    request.skip(4);
    request.skipTexts(2);
    const type = request.bytes();
    const protocol = request.bytes();
    request.varint();
    request.bytes();
    return all(NO_DELAY, NO_ERROR, bytes(type), bytes(protocol), bytes(request.bytes()));
  },
  heartbeat: () => all(NO_DELAY, NO_ERROR),
  leaveGroup: () => all(NO_DELAY, NO_ERROR, list(all(text(MEMBER), NULL, NO_ERROR))),
  listOffsets: () => all(NO_DELAY, list(all(text(TOPIC), list(all(int32(0), NO_ERROR, int64(0), int64(0), int32(0)))))),
  fetch(request) {
    request.skip(4 + 4 + 4 + 1 + 4 + 4);
    request.varint();
    request.skip(TOPIC_ID.length);
    request.varint();
    request.skip(4 + 4);
    const found = recordsAt(Number(request.int64()));
    if (found === undefined) return undefined;
    const [error, records] = typeof found === 'number' ? [int16(found), NULL] : [NO_ERROR, bytes(found)];
    const offsets = all(int64(END_OF_TOPIC), int64(END_OF_TOPIC), int64(0));
    const partition = all(int32(0), error, offsets, NULL, int32(-1), records);
    return all(NO_DELAY, NO_ERROR, int32(0), list(all(TOPIC_ID, list(partition))));
  },
});

/** @param recordsAt (offset) => a batch of records, the code of an error, or undefined for no answer */
async function startKafkaBroker(recordsAt) {
  const answers = answersOf(recordsAt);
  const names = new Map(Object.entries(APIS).map(([name, [key]]) => [key, name]));
  const sockets = new Set();
  const server = net.createServer((socket) => {
    sockets.add(socket);
    socket.on('error', () => {}).on('close', () => sockets.delete(socket));
    let received = Buffer.alloc(0);
    socket.on('data', (data) => {
      received = all(received, data);
      while (received.length >= 4 && received.length >= 4 + received.readInt32BE()) {
        const end = 4 + received.readInt32BE();
        answer(socket, new Request(received.subarray(4, end)));
        received = received.subarray(end);
      }
    });
  });

  function answer(socket, request) {
    const name = names.get(request.int16());
    request.skip(2);
    const correlation = request.skip(4);
    request.skip(request.int16());
    request.skip(TAGS.length);
    const body = answers[name](request, server.address().port);
    if (body === undefined) return;
    // The answer that says which versions there are has a header without tags.
    const header = name === 'apiVersions' ? correlation : all(correlation, TAGS);
    const message = all(header, body, TAGS);
    socket.write(all(int32(message.length), message));
  }

  await new Promise((resolve) => server.listen(0, HOST, resolve));
  return {
    port: server.address().port,
    close() {
      server.close();
      for (const socket of sockets) socket.destroy();
    },
  };
}

module.exports = { startKafkaBroker, TOPIC };

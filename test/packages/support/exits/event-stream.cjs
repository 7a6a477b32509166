/** Frames of Amazon's event streams (application/vnd.amazon.eventstream). */
const { crc32 } = require('node:zlib');

/** Headers whose values are strings. */
const STRING = 7;

function headersOf(headers) {
  const parts = Object.entries(headers).map(([name, value]) => {
    const header = Buffer.alloc(1 + name.length + 3);
    header.writeUInt8(name.length);
    header.write(name, 1);
    header.writeUInt8(STRING, 1 + name.length);
    header.writeUInt16BE(Buffer.byteLength(value), 2 + name.length);
    return Buffer.concat([header, Buffer.from(value)]);
  });
  return Buffer.concat(parts);
}

/** A message: its length and that of its headers, with a checksum, and all of it with another one. */
function frame(headers, payload) {
  const isBinary = Buffer.isBuffer(payload);
  const type = isBinary ? 'application/octet-stream' : 'application/json';
  const head = headersOf({ ':content-type': type, ...headers });
  const body = isBinary ? payload : Buffer.from(JSON.stringify(payload));
  const message = Buffer.alloc(12 + head.length + body.length + 4);
  message.writeUInt32BE(message.length, 0);
  message.writeUInt32BE(head.length, 4);
  message.writeUInt32BE(crc32(message.subarray(0, 8)), 8);
  head.copy(message, 12);
  body.copy(message, 12 + head.length);
  message.writeUInt32BE(crc32(message.subarray(0, -4)), message.length - 4);
  return message;
}

const event = (type, payload) => frame({ ':message-type': 'event', ':event-type': type }, payload);
const exception = (type, payload) => frame({ ':message-type': 'exception', ':exception-type': type }, payload);

module.exports = { event, exception };

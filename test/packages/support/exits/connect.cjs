/** A service of Connect without a code generator, and a server of it. */
const { createRequire } = require('node:module');
const { setTimeout: wait } = require('node:timers/promises');

const load = (specifier) => createRequire(`${process.cwd()}/x.js`)(specifier);

const TEXT = { inputType: '.google.protobuf.StringValue', outputType: '.google.protobuf.StringValue' };

function createService() {
  const { create, createFileRegistry } = load('@bufbuild/protobuf');
  const { FileDescriptorProtoSchema, file_google_protobuf_wrappers: wrappers } = load('@bufbuild/protobuf/wkt');
  const file = create(FileDescriptorProtoSchema, {
    name: 'shop.proto',
    package: 'shop.v1',
    syntax: 'proto3',
    dependency: ['google/protobuf/wrappers.proto'],
    service: [
      {
        name: 'OrderService',
        method: [
          { name: 'Find', ...TEXT },
          { name: 'Watch', serverStreaming: true, ...TEXT },
          { name: 'Talk', clientStreaming: true, serverStreaming: true, ...TEXT },
        ],
      },
    ],
  });
  return createFileRegistry(file, () => wrappers).getService('shop.v1.OrderService');
}

function createHandler(service, { exit, secret }) {
  const { ConnectError, Code } = load('@connectrpc/connect');
  const { connectNodeAdapter } = load('@connectrpc/connect-node');
  async function* four(_input, { signal }) {
    for (let number = 1; number <= 4; number++) {
      if (number === 3 && exit === 'error') throw new ConnectError('not yours', Code.PermissionDenied);
      // The client is to leave it in the middle.
      if (number === 3 && exit === 'abort') await wait(60_000, undefined, { signal });
      yield { value: `${secret} ${number}` };
    }
  }
  const routes = (router) => router.service(service, { find: (input) => input, watch: four, talk: four });
  return connectNodeAdapter({ routes });
}

module.exports = { createHandler, createService };

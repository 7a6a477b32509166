// Preloaded into the processes of peers: nothing that they do can leave this process, but for the loopback reads that the benchmark
// makes itself. Attempts are counted, and reported beside the row.
const net = require('node:net');
const dgram = require('node:dgram');
const dns = require('node:dns');

const attempts = (globalThis.networkAttempts = []);

/** Ports on 127.0.0.1 that the benchmark listens on. Threads get theirs by the environment. */
const allowedPorts = (globalThis.allowedPorts = new Set(process.env.BENCH_ALLOWED_PORTS?.split(',').map(Number)));

function refuse(what) {
  attempts.push(what);
  return Object.assign(new Error(`no network in the benchmark: ${what}`), { code: 'ENETUNREACH' });
}

const { connect } = net.Socket.prototype;
net.Socket.prototype.connect = function (...args) {
  const [options] = Array.isArray(args[0]) ? args[0] : args;
  const { host = 'localhost', port, path } = typeof options === 'object' ? options : { port: options, host: args[1] };
  if (host === '127.0.0.1' && allowedPorts.has(Number(port))) return connect.apply(this, args);
  const error = refuse(path ?? `${host}:${port}`);
  process.nextTick(() => this.destroy(error));
  return this;
};

dgram.Socket.prototype.send = function (...args) {
  const callback = args.at(-1);
  const error = refuse('a datagram');
  if (typeof callback === 'function') process.nextTick(callback, error);
};

const { lookup } = dns;
dns.lookup = function (host, ...args) {
  // The address of an address is no question to anybody.
  if (net.isIP(host)) return lookup.call(this, host, ...args);
  const error = refuse(`the address of ${host}`);
  process.nextTick(args.at(-1), error);
};

// fetch brings its own sockets, but they are of node:net, too; refusing it here says which URL was meant.
const { fetch } = globalThis;
globalThis.fetch = async (resource, options) => {
  const url = String(resource?.url ?? resource);
  const { hostname, port } = new URL(url);
  if (hostname === '127.0.0.1' && allowedPorts.has(Number(port))) return fetch(resource, options);
  throw new TypeError('fetch failed', { cause: refuse(url) });
};

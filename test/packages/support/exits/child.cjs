/**
 * The process that leaves the streams of a scenario: `child.run(scenario, exits, load)` prints what the program sees and what has been recorded, as
 * JSON; `child.exit(scenario, load)` prints what the program sees, and ends the process in the middle of the stream.
 */
const { createServer } = require('node:http');

/** In prompts, answers and arguments of tools: no telemetry may have it. */
const SECRET = 'xyzzy-secret';
/** Status of a process that ends in the middle. */
const STATUS = 7;
/** How often garbage is collected for a run that is to be abandoned: its span comes with one of the first. */
const ROUNDS = 500;

const nextTurn = () => new Promise((resolve) => setImmediate(resolve));

/** What the program sees: all that it gets from the stream is printed, in words that are the same in every process. */
class Printed {
  lines = [];
  constructor(scenario, write) {
    this.show = scenario.show ?? ((item) => item);
    this.write = write;
  }
  line(text) {
    const line = text.replaceAll(/127\.0\.0\.1:\d+/g, 'SERVER');
    this.lines.push(line);
    this.write?.(line);
  }
  item(item) {
    this.line(`item ${JSON.stringify(this.show(item)) ?? 'undefined'}`);
  }
  error(error) {
    this.line(`error ${error?.name}: ${error?.message}`);
  }
}

/** The ways to leave; `items` is how many are read before. */
const LEAVE = {
  async end(iterable, { printed }) {
    for await (const item of iterable) printed.item(item);
  },
  async break(iterable, { printed, items }) {
    let count = 0;
    for await (const item of iterable) {
      printed.item(item);
      if (++count === items) break;
    }
  },
  async throw(iterable, { printed, items }) {
    let count = 0;
    for await (const item of iterable) {
      printed.item(item);
      if (++count === items) throw new RangeError('the consumer does not like it');
    }
  },
  async abort(iterable, { printed, items, abort }) {
    let count = 0;
    for await (const item of iterable) {
      printed.item(item);
      if (++count === items) await abort(iterable);
    }
  },
  error: (iterable, tools) => LEAVE.end(iterable, tools),
  async abandoned(iterable, { printed, items }) {
    const iterator = iterable[Symbol.asyncIterator]();
    for (let count = 0; count < items; count++) printed.item((await iterator.next()).value);
  },
};

async function leave(scenario, exit, api, { printed, port, cleanUps, load, workspace }) {
  const controller = new AbortController();
  const { signal } = controller;
  const onEnd = (cleanUp) => cleanUps.push(cleanUp);
  try {
    const tools = { port, exit, signal, secret: SECRET, onEnd, load, workspace };
    const iterable = await scenario.open(api, tools);
    const abort = (of) => (scenario.abort === undefined ? controller.abort() : scenario.abort(of, controller));
    await LEAVE[exit](iterable, { printed, items: scenario.items ?? 2, abort });
    printed.line('done');
  } catch (error) {
    printed.error(error);
  }
}

/** With the server of the scenario, if it has one. */
async function withServer({ answer }, exit, use) {
  if (answer === undefined) return use(undefined);
  const server = createServer((request, response) => answer(request, response, { exit, secret: SECRET }));
  await new Promise((resolve) => server.listen(0, '127.0.0.1', resolve));
  try {
    return await use(server.address().port);
  } finally {
    server.closeAllConnections();
    await new Promise((resolve) => server.close(resolve));
  }
}

async function run(scenario, { exits, isTraced, beside, load, workspace }) {
  // After the program has set up telemetry, as it is in a program.
  const telemetry = require('./telemetry.cjs').startTelemetry(scenario.preset, isTraced, beside);
  const api = await load(scenario.module);
  const seen = {};
  for (const exit of exits) {
    const printed = new Printed(scenario);
    const cleanUps = [];
    await withServer(scenario, exit, async (port) => {
      await leave(scenario, exit, api, { printed, port, cleanUps, load, workspace });
      // The server still has its connections: what is open stays open.
      if (exit === 'abandoned' && isTraced) await collect(telemetry);
      for (const cleanUp of cleanUps.reverse()) await cleanUp();
    });
    seen[exit] = { printed: printed.lines, ...(await telemetry.take()) };
  }
  process.stdout.write(JSON.stringify({ seen, report: telemetry.report() }), () => process.exit());
}

/** Until the run that has lost its stream has its span. */
async function collect(telemetry) {
  for (let round = 0; round < ROUNDS && !telemetry.hasRun(); round++) {
    globalThis.gc();
    await nextTurn();
  }
}

async function exit(scenario, { load, workspace }) {
  const api = await load(scenario.module);
  await withServer(scenario, 'exit', async (port) => {
    const items = scenario.items ?? 2;
    let count = 0;
    const printed = new Printed(scenario, (line) => {
      console.log(line);
      if (++count === items) process.exit(STATUS);
    });
    LEAVE.exit = LEAVE.end;
    await leave(scenario, 'exit', api, { printed, port, cleanUps: [], load, workspace });
  });
}

/** @param argument JSON: `{ file, exits, isTraced, beside, workspace }` */
function start(argument, load) {
  const { file, ...options } = JSON.parse(argument);
  const scenario = require(file);
  return options.exits === undefined ? exit(scenario, { ...options, load }) : run(scenario, { ...options, load });
}

module.exports = { SECRET, start, STATUS };

if (require.main === module) {
  const requireFromHere = require('node:module').createRequire(`${process.cwd()}/x.js`);
  start(process.argv[2], requireFromHere);
}

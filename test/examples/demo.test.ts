import { expect } from 'chai';
import { readFileSync } from 'node:fs';
import * as path from 'node:path';
import { ROOT, runNode, type ChildResult } from '../support/child';

const read = (file: string) => readFileSync(path.join(ROOT, file), 'utf8');

const PRINTED = `\
Read to the end:  the orders come to 360
Stopped early:    order 4 is the first of 100 or more
Failed:           tuesday.txt: order 4 has no total
`;

const DRAWN = `\
readOrders  6  completed
├─ listObjects  3  completed
│  └─ S3.ListObjectsV2  2  completed
│     ├─ GET /orders/?list-ty…  200
│     └─ GET /orders/?continu…  200
├─ GET /orders/monday.txt?x-i…  200
├─ GET /orders/tuesday.txt?x-…  200
└─ GET /orders/wednesday.txt?…  200
readOrders  4  returned
├─ listObjects  2  returned
│  └─ S3.ListObjectsV2  1  returned
│     └─ GET /orders/?list-ty…  200
├─ GET /orders/monday.txt?x-i…  200
└─ GET /orders/tuesday.txt?x-…  200
readOrders  3  failed
│  RangeError: tuesday.txt: order 4 has no total
├─ listObjects  2  returned
│  └─ S3.ListObjectsV2  1  returned
│     └─ GET /damaged/?list-t…  200
├─ GET /damaged/monday.txt?x-…  200
└─ GET /damaged/tuesday.txt?x…  200

9 runs: 3 completed, 5 returned, 1 failed
`;

/** Without what differs from one run to the next: what takes how long. */
const withoutTimes = (report: string) =>
  /^RUN .*\n([^]*?\n\n.*\n)/m
    .exec(report)?.[1]
    ?.replace(/ *[█◆░━]+ */g, '  ')
    .replace(/ +[\d.]+ m?s(?= )/g, '');

/** What `npm start` gives to Node. */
function startArguments(): string[] {
  const { scripts } = JSON.parse(read('package.json')) as { scripts: { start: string } };
  const [node, ...args] = scripts.start.split(' ');
  expect(node).to.equal('node');
  return args;
}

describe('the demo', () => {
  let demo: ChildResult;

  before('npm start', async () => {
    demo = await runNode(startArguments(), { cwd: ROOT, env: { COLUMNS: '80' } });
  });

  it('prints what it found', () => {
    expect([demo.status, demo.stdout]).to.deep.equal([0, PRINTED]);
  });

  it('has its runs drawn as trees, the HTTP calls below the generator that made them', () => {
    expect(withoutTimes(demo.stderr)).to.equal(DRAWN);
  });

  it('fits into a terminal of 80 columns', () => {
    for (const line of demo.stderr.split('\n')) expect(line).to.have.length.of.at.most(80);
  });

  it('has an application that knows nothing of OpenTelemetry', () => {
    for (const file of ['app.mjs', 'orders.mjs', 'objects.cjs', 'start-server.mjs', 's3-server.mjs']) {
      expect(read(`examples/demo/${file}`), file).not.to.match(/opentelemetry|otel|async-generator|tracer|span/i);
    }
  });

  it('prints what examples/README.md says it prints', () => {
    const shown = /```text\n(.*?)```/s.exec(read('examples/README.md'))?.[1] ?? '';
    expect(shown.startsWith(PRINTED)).to.equal(true);
    expect(withoutTimes(shown)).to.equal(DRAWN);
  });
});

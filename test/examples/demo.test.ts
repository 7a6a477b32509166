import { expect, use } from 'chai';
import { readFileSync } from 'node:fs';
import * as path from 'node:path';
import { spanSnapshots } from '../../src/testing';
import { ROOT, runNode, type ChildResult } from '../support/child';
import { makeFolder } from '../support/folder';

use(spanSnapshots);

const read = (file: string) => readFileSync(path.join(ROOT, file), 'utf8');

/** What takes how long is the only thing that differs from one run to the next. */
const withoutDurations = (output: string) => output.replace(/ +[\d.]+ ms$/gm, '').replace(/ +$/gm, '');

const EXPECTED = `\
Read to the end:  the orders come to 360
Stopped early:    order 4 is the first of 100 or more
Failed:           tuesday.txt: order 4 has no total

SPAN                                                  OUTCOME    ITEMS  DURATION
Read to the end:
readOrders                                            completed      6
├─ listObjects                                        completed      3
│  └─ paginateListObjectsV2                           completed      2
│     ├─ GET /orders/?list-type=2&max-keys=2          200
│     └─ GET /orders/?continuation-token=2&list-typ…  200
├─ GET /orders/monday.txt?x-id=GetObject              200
├─ GET /orders/tuesday.txt?x-id=GetObject             200
└─ GET /orders/wednesday.txt?x-id=GetObject           200

Stopped early:
readOrders                                            returned       4
├─ listObjects                                        returned       2
│  └─ paginateListObjectsV2                           returned       1
│     └─ GET /orders/?list-type=2&max-keys=2          200
├─ GET /orders/monday.txt?x-id=GetObject              200
└─ GET /orders/tuesday.txt?x-id=GetObject             200

Failed:
readOrders                                            failed         3
│  RangeError: tuesday.txt: order 4 has no total
├─ listObjects                                        returned       2
│  └─ paginateListObjectsV2                           returned       1
│     └─ GET /damaged/?list-type=2&max-keys=2         200
├─ GET /damaged/monday.txt?x-id=GetObject             200
└─ GET /damaged/tuesday.txt?x-id=GetObject            200

ITEMS: how many values a generator yielded (orders, objects, pages)
`;

/** What `npm start` gives to Node: `--import`, the set-up, the program. */
function startArguments(): string[] {
  const { scripts } = JSON.parse(read('package.json')) as { scripts: { start: string } };
  const [node, ...args] = scripts.start.split(' ');
  expect(node).to.equal('node');
  return args;
}

describe('the demo', () => {
  let demo: ChildResult;

  before('npm start', async () => {
    demo = await runNode(startArguments(), { cwd: ROOT });
  });

  it('prints the runs as trees, the HTTP calls below the generator that made them', () => {
    expect(withoutDurations(demo.stdout)).to.equal(EXPECTED);
  });

  it('gives every span a duration', () => {
    const spans = demo.stdout.split('\n').filter((line) => /(?:completed|returned|failed|200) /.test(line));
    expect(spans).to.have.length(20);
    for (const span of spans) expect(span).to.match(/ \d+\.\d ms$/);
  });

  it('fits into a terminal of 80 columns', () => {
    for (const line of demo.stdout.split('\n')) expect(line).to.have.length.of.at.most(80);
  });

  it('makes the spans of the snapshot', async () => {
    const file = path.join(makeFolder(), 'spans.txt');
    const args = startArguments();
    const app = args.pop() as string;
    const recorder = path.join(__dirname, 'record-spans.mjs');
    const recorded = await runNode([...args, '--import', recorder, app], { cwd: ROOT, env: { SPANS_FILE: file } });
    expect(recorded).to.deep.include({ status: 0, stderr: '' });
    await expect(readFileSync(file, 'utf8')).to.matchSpanSnapshot();
  });

  it('exits with 0 and writes no warning', () => {
    expect(demo.stderr).to.equal('');
    expect(demo.status).to.equal(0);
  });

  it('has an application that knows nothing of OpenTelemetry', () => {
    for (const file of ['app.mjs', 'orders.mjs', 'objects.cjs', 'start-server.mjs', 's3-server.mjs']) {
      expect(read(`examples/demo/${file}`), file).not.to.match(/opentelemetry|otel|async-generator|tracer|span/i);
    }
  });

  it('is set up in 20 lines at most', () => {
    expect(read('examples/demo/setup.mjs').trimEnd().split('\n')).to.have.length.of.at.most(20);
  });

  it('prints what examples/README.md says it prints', () => {
    const shown = /```text\n(.*?)```/s.exec(read('examples/README.md'))?.[1];
    expect(withoutDurations(shown ?? '')).to.equal(EXPECTED);
  });
});

import { expect } from 'chai';
import type { ChildProcess } from 'node:child_process';
import { EventEmitter, once } from 'node:events';
import { setTimeout as sleep } from 'node:timers/promises';
import { forwardSignals } from '../../../src/cli/run/signals';
import type { SignalLine } from '../../../src/run-report/protocol';

// One that no terminal sends, and that nothing else in this process listens to.
const SIGNAL = 'SIGUSR2';
const PID = 1;
/** Longer than an application has for its report. */
const LONG_ENOUGH_MS = 250;

/** Stands in for an application: `kill` tells of itself, and reports the signal if it is to. */
class Application extends EventEmitter {
  readonly pid = PID;
  readonly report: SignalLine[] = [];
  killed = 0;

  kill(signal: NodeJS.Signals): boolean {
    this.killed++;
    this.got(signal);
    // It may have reported before the command comes to anything else.
    for (const now = Date.now(); Date.now() === now;);
    return this.emit('killed');
  }

  got(signal: NodeJS.Signals, { pid = PID, time = Date.now() } = {}): void {
    this.report.push({ pid, time, signal });
  }
}

describe('forwarding of signals', () => {
  let application: Application;
  let stop: () => void;
  const commandGets = (signal: NodeJS.Signals) => process.emit(signal, signal);

  before(function () {
    if (process.platform === 'win32') this.skip();
  });

  beforeEach(() => {
    application = new Application();
    stop = forwardSignals(application as unknown as ChildProcess, () => application.report);
  });

  afterEach(() => {
    stop();
  });

  it('hands a signal on that the application does not report', async () => {
    commandGets(SIGNAL);
    await once(application, 'killed');
  });

  it('leaves out one that the application reports, before or after the command gets it', async () => {
    application.got(SIGNAL);
    commandGets(SIGNAL);
    await sleep(LONG_ENOUGH_MS);
    commandGets(SIGNAL);
    application.got(SIGNAL);
    await sleep(LONG_ENOUGH_MS);
    expect(application.killed).to.equal(0);
  });

  it('takes two at once for one: GNU timeout signals the command, and then its group', async () => {
    commandGets(SIGNAL);
    commandGets(SIGNAL);
    application.got(SIGNAL);
    await sleep(LONG_ENOUGH_MS);
    expect(application.killed).to.equal(0);
  });

  it('hands on each of two in a row', async () => {
    commandGets(SIGNAL);
    await once(application, 'killed');
    // Two at once are one: GNU timeout signals a command twice.
    await sleep(LONG_ENOUGH_MS);
    commandGets(SIGNAL);
    await once(application, 'killed');
  });

  it('takes neither an old report, nor one of another process, nor one of another signal for that of this signal', async () => {
    application.got(SIGNAL, { time: Date.now() - 2000 });
    application.got(SIGNAL, { pid: PID + 1 });
    application.got('SIGTERM');
    commandGets(SIGNAL);
    await once(application, 'killed');
  });

  it('stops when the application has ended', async () => {
    commandGets(SIGNAL);
    stop();
    await sleep(LONG_ENOUGH_MS);
    expect(application.killed).to.equal(0);
    expect(process.listenerCount(SIGNAL)).to.equal(0);
  });
});

/**
 * Does work when a process ends, in whichever way, without a change to the exit status, to what the program's own listeners see, or to the order of
 * events.
 *
 * - A process that ends by itself, by `process.exit()`, by an uncaught error or an unhandled rejection has an `exit` event.
 *   Its listeners run without an event loop: work there must be synchronous.
 * - An error that a listener for `uncaughtException` throws ends the process without `exit`. `emit` throws it.
 * - A signal ends a process that has no listener for it, without any event. So as long as the program has no listener, there is one here. It does
 *   the work, removes itself, and sends the signal again. A signal that the program sends to itself ends the process within that call, so the work
 *   is done before it is sent.
 * - Work that needs the event loop is done before the program hears of `beforeExit`, which is held back until then.
 */
import { executionAsyncId } from 'node:async_hooks';
import { constants } from 'node:os';
import { isMainThread } from 'node:worker_threads';
import { setImmediate } from '../base/clock';

export interface EndOfProcess {
  /** Called without an event loop, before the program's own `exit` listeners. Called again if the process survives a signal. Must not throw. */
  finish(): void;
  /** Called when a process has survived a signal that would have ended it; process 1 of a container does. */
  resume(): void;
  /** Called when the event loop is empty, and has to hold it for as long as it takes. Undefined where there is nothing to be done then. */
  flush: (() => Promise<void>) | undefined;
}

const SIGNALS: readonly NodeJS.Signals[] = ['SIGTERM', 'SIGINT', 'SIGHUP'];

export function onEndOfProcess(end: EndOfProcess): void {
  process.on('exit', () => {
    end.finish();
  });
  watchEvents(end);
  // Workers get no signals.
  if (isMainThread) for (const signal of SIGNALS) onSignal(signal, end);
}

interface Internals {
  /**
   * What `process.kill` calls when it has checked its arguments; a string may be the number of a process.
   *
   * https://github.com/nodejs/node/blob/main/lib/internal/process/per_thread.js
   */
  _kill?: (pid: number | string, signal: number) => number;
}

/** Calls `send` instead of sending it, when the program sends the signal to itself. */
function onOwnSignal(signal: NodeJS.Signals, send: (kill: () => number) => number): void {
  const internals = process as unknown as Internals;
  const { _kill: kill } = internals;
  if (typeof kill !== 'function') return;
  internals._kill = function (pid, number) {
    const sendIt = () => Reflect.apply(kill, this, [pid, number]);
    // 0 is the whole process group, so that this process is among them.
    const isToItself = Number(pid) === process.pid || Number(pid) === 0;
    return isToItself && number === constants.signals[signal] ? send(sendIt) : sendIt();
  };
}

/** A single function around `emit` for all that must not be a listener, since it is a frame on the stacks of the program's errors. */
function watchEvents(end: EndOfProcess): void {
  const { emit } = process;
  const holdsBack = end.flush === undefined ? () => false : holdBeforeExit(end.flush);
  const isUncaught = recognizeUncaughtException();
  process.emit = function emitWithEnd(this: NodeJS.Process, ...args: unknown[]): boolean {
    if (args[0] === 'beforeExit' && isCalledByNode(emitWithEnd) && holdsBack()) return true;
    if (!isUncaught(args)) return Reflect.apply(emit, this, args) as boolean;
    let hasReturned = false;
    // Not `catch`: Node prints the place that an error was thrown from, which would be here.
    try {
      const result = Reflect.apply(emit, this, args) as boolean;
      hasReturned = true;
      return result;
    } finally {
      if (!hasReturned) finishBeforeCrash(end);
    }
  } as typeof process.emit;
}

/** Every other `beforeExit` is for the flush: when the event loop is empty again, Node emits the one for the program. */
function holdBeforeExit(flush: () => Promise<void>): () => boolean {
  let isForFlush = false;
  return () => {
    isForFlush = !isForFlush;
    // Node ends the process if nothing is left to do after the event, even if a promise is pending.
    const release = () => setImmediate(() => undefined);
    if (isForFlush) flush().then(release, release);
    return isForFlush;
  };
}

/**
 * Whether Node itself has called `emit`, and not the program: then the call belongs to no callback, and nothing is below it on
 * the stack but what others have put around `process.emit`.
 *
 * https://github.com/nodejs/node/blob/main/src/api/hooks.cc
 */
function isCalledByNode(emit: (...args: unknown[]) => unknown): boolean {
  if (executionAsyncId() !== 0) return false;
  const names = stackBelow(emit).map((frame) => frame.getFunctionName() ?? '');
  // Node 20 and 22 make the call by this function where async hooks are in use.
  const outermost = names.filter((name) => name !== 'callbackTrampoline').at(-1);
  return outermost === undefined || /emit/i.test(outermost);
}

function stackBelow(callee: (...args: unknown[]) => unknown): NodeJS.CallSite[] {
  const before = Object.getOwnPropertyDescriptors(Error);
  const target: { stack?: NodeJS.CallSite[] } = {};
  try {
    Error.stackTraceLimit = Infinity;
    Error.prepareStackTrace = (_, frames) => frames;
    Error.captureStackTrace(target, callee);
    return target.stack ?? [];
  } catch {
    // The program has frozen Error.
    return [];
  } finally {
    for (const name of ['stackTraceLimit', 'prepareStackTrace'] as const) {
      if (before[name] === undefined) Reflect.deleteProperty(Error, name);
      else Reflect.defineProperty(Error, name, before[name]);
    }
  }
}

/**
 * Whether an event is Node's own `uncaughtException`. Node's comes right after `uncaughtExceptionMonitor`, with the same error. One
 * that the program emits does not; what its listeners throw may be caught.
 */
function recognizeUncaughtException(): (args: readonly unknown[]) => boolean {
  let announced: { readonly error: unknown } | undefined;
  return (args) => {
    const event = args[0];
    const error = args[1];
    if (event === 'uncaughtExceptionMonitor') {
      // With a capture callback, Node emits nothing after that.
      announced = process.hasUncaughtExceptionCaptureCallback() ? undefined : { error };
      return false;
    }
    if (event !== 'uncaughtException') return false;
    const isNodes = announced !== undefined && Object.is(announced.error, error);
    announced = undefined;
    return isNodes;
  };
}

/** An error that leaves `uncaughtException` ends the process, or the worker, without another event. */
function finishBeforeCrash(end: EndOfProcess): void {
  end.finish();
  // The process goes on if the program has emitted both events by itself, and caught the error.
  setImmediate(() => {
    end.resume();
  });
}

/** Listens to a signal as long as the program does not. */
function onSignal(signal: NodeJS.Signals, end: EndOfProcess): void {
  let isChanging = false;
  const change = (work: () => void) => {
    isChanging = true;
    work();
    isChanging = false;
  };
  const install = () => {
    change(() => process.on(signal, listener));
  };
  const remove = () => {
    change(() => process.off(signal, listener));
  };
  const endBy = <Result>(kill: () => Result): Result => {
    end.finish();
    remove();
    const result = kill();
    // The process goes on if it is process 1, which a signal that it does not handle does not end.
    setImmediate(() => {
      end.resume();
      if (process.listenerCount(signal) === 0) install();
    });
    return result;
  };
  const listener = () => {
    endBy(() => process.kill(process.pid, signal));
  };
  onOwnSignal(signal, (kill) => (process.listeners(signal).includes(listener) ? endBy(kill) : kill()));
  // Before Node's own listener for this event, which starts the watch for the signal: removing this listener ends the watch.
  const events: NodeJS.EventEmitter = process;
  events.prependListener('newListener', (event) => {
    if (event === signal && !isChanging && process.listeners(signal).includes(listener)) remove();
  });
  events.on('removeListener', (event) => {
    if (event === signal && !isChanging && process.listenerCount(signal) === 0) install();
  });
  if (process.listenerCount(signal) === 0) install();
}

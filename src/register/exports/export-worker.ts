/**
 * What the export thread runs: makes the exporters that the main thread has, and sends the requests of those.
 */
import { subscribe } from 'node:diagnostics_channel';
import { createRequire } from 'node:module';
import type { Socket } from 'node:net';
import { workerData } from 'node:worker_threads';
import type { Message, Request, ThreadData } from './export-thread';
import {
  findExporters,
  reasonOf,
  registeredProviders,
  sendRequest,
  type Exporter,
  type ExporterSource,
} from './exporters';

const { requests, sdkFile, messages, told } = workerData as ThreadData;
const exporters = new Map<string, Exporter>();
const queue = requests.entries();

/** A connection for each. */
const MAX_AT_WORK = 8;

// An exporter does not report what has failed as long as it tries again, which may be longer than the process waits.
subscribe('net.client.socket', (message) => {
  (message as { socket: Socket }).socket.once('error', (error) => {
    tell({ type: 'trouble', reason: reasonOf(error) });
  });
});

for (let atWork = 0; atWork < MAX_AT_WORK; atWork++) void work();

async function work(): Promise<void> {
  for (const [index, request] of queue) tell({ type: 'done', index, error: await send(request) });
}

function tell(message: Message): void {
  messages.postMessage(message);
  // After the message: the main thread reads what there is when it wakes up.
  Atomics.add(told, 0, 1);
  Atomics.notify(told, 0);
}

/** @returns why it has failed, if it has */
async function send({ source, bytes }: Request): Promise<string | undefined> {
  try {
    const exporter = exporterOf(source);
    tell({ type: 'begun' });
    const { status, error } = await sendRequest(exporter, bytes);
    return status === 'success' ? undefined : reasonOf(error ?? new Error(`${status} status`));
  } catch (error) {
    return reasonOf(error as Error);
  }
}

function exporterOf(source: ExporterSource): Exporter {
  const key = `${source.signal} ${source.index}`;
  const exporter = exporters.get(key) ?? createExporter(source);
  exporters.set(key, exporter);
  return exporter;
}

function createExporter({ signal, file, exportName, index }: ExporterSource): Exporter {
  const requireFromSdk = createRequire(sdkFile);
  if (index === undefined) {
    const exports = requireFromSdk(file) as Readonly<Record<string, new () => Exporter>>;
    const ExporterClass = exports[exportName];
    if (ExporterClass === undefined) throw new TypeError(`${file} exports no ${exportName}`);
    return new ExporterClass();
  }
  // The configuration file says what the exporter is: the SDK makes it from the same file.
  const { startNodeSDK, startNodeSdk } = requireFromSdk(sdkFile) as Record<string, (() => unknown) | undefined>;
  (startNodeSdk ?? startNodeSDK)?.();
  const found = findExporters(registeredProviders(requireFromSdk)[signal])[index];
  if (found === undefined) throw new TypeError(`the configuration file describes no ${signal} exporter ${index}`);
  return found.exporter;
}

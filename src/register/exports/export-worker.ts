/**
 * What the export thread runs: makes the exporters again that the main thread has, and exports what it is sent.
 */
import { subscribe } from 'node:diagnostics_channel';
import { createRequire } from 'node:module';
import type { Socket } from 'node:net';
import { parentPort, workerData } from 'node:worker_threads';
import type { Batch, Message, ThreadData } from './export-thread';
import { findExporters } from './find-exporters';
import type { Exporter, ExporterSource, ExportResult } from './outlet';
import { reasonOf } from './reason';
import { fromTransferable } from './transfer';

const { told, sdkFile, messages } = workerData as ThreadData;
const exporters = new Map<string, Exporter>();

/** An exporter refuses more than some thirty exports at once. */
const MAX_AT_WORK = 8;
const queue: Batch[] = [];
let atWork = 0;

// An exporter keeps to itself what goes wrong for as long as it tries again, which may be longer than the process waits.
subscribe('net.client.socket', (message) => {
  (message as { socket: Socket }).socket.once('error', (error) => {
    tell({ type: 'trouble', reason: reasonOf(error) });
  });
});

parentPort?.on('message', (batch: Batch) => {
  queue.push(batch);
  work();
});

function work(): void {
  while (atWork < MAX_AT_WORK) {
    const batch = queue.shift();
    if (batch === undefined) return;
    atWork++;
    exportBatch(batch, (error) => {
      atWork--;
      tell({ type: 'done', id: batch.id, error });
      work();
    });
  }
}

function tell(message: Message): void {
  messages.postMessage(message);
  // After the message: the main thread reads what there is when it wakes up.
  Atomics.add(told, 0, 1);
  Atomics.notify(told, 0);
}

function exportBatch({ source, items }: Batch, finish: (error?: string) => void): void {
  try {
    const exporter = exporterOf(source);
    tell({ type: 'begun' });
    exporter.export(fromTransferable(source.signal, items), ({ code, error }: ExportResult) => {
      finish(code === 0 ? undefined : reasonOf(error));
    });
  } catch (error) {
    finish(reasonOf(error as Error));
  }
}

function exporterOf(source: ExporterSource): Exporter {
  const key = `${source.signal} ${source.file} ${source.exportName} ${source.index}`;
  let exporter = exporters.get(key);
  if (exporter === undefined) exporters.set(key, (exporter = createExporter(source)));
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
  const found = findExporters(requireFromSdk)[signal][index];
  if (found === undefined) throw new TypeError(`the configuration file describes no ${signal} exporter ${index}`);
  return found.exporter;
}

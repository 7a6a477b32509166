/**
 * What the export thread runs: makes the exporters again that the main thread has, and exports what it is sent.
 */
import { createRequire } from 'node:module';
import { parentPort, workerData } from 'node:worker_threads';
import type { Answer, Batch, ThreadData } from './export-thread';
import { findExporters } from './find-exporters';
import type { Exporter, ExporterSource, ExportResult } from './outlet';
import { fromTransferable } from './transfer';

const { done, sdkFile, answers } = workerData as ThreadData;
const exporters = new Map<string, Exporter>();

/** An exporter refuses more than some thirty exports at once. */
const MAX_AT_WORK = 8;
const queue: Batch[] = [];
let atWork = 0;

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
      const answer: Answer = { id: batch.id, error };
      answers.postMessage(answer);
      // After the answer: the main thread reads what there is when it wakes up.
      Atomics.add(done, 0, 1);
      Atomics.notify(done, 0);
      work();
    });
  }
}

function exportBatch({ source, items }: Batch, finish: (error?: string) => void): void {
  try {
    exporterOf(source).export(fromTransferable(source.signal, items), ({ code, error }: ExportResult) => {
      finish(code === 0 ? undefined : (error?.message ?? 'unknown error'));
    });
  } catch (error) {
    finish(String(error));
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

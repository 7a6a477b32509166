/**
 * What the export thread runs: makes the exporters again that the main thread has, and exports what it is sent.
 */
import { createRequire } from 'node:module';
import { parentPort, workerData } from 'node:worker_threads';
import type { Answer, Batch, ThreadData } from './export-thread';
import { findExporters } from './find-exporters';
import type { Exporter, ExporterSource, ExportResult } from './outlet';
import { fromTransferable } from './transfer';

const { done, sdkFile } = workerData as ThreadData;
const exporters = new Map<string, Exporter>();

parentPort?.on('message', ({ id, source, items }: Batch) => {
  const finish = (error?: string) => {
    const answer: Answer = { id, error };
    parentPort?.postMessage(answer);
    Atomics.add(done, 0, 1);
    Atomics.notify(done, 0);
  };
  try {
    exporterOf(source).export(fromTransferable(source.signal, items), ({ code, error }: ExportResult) => {
      finish(code === 0 ? undefined : (error?.message ?? 'unknown error'));
    });
  } catch (error) {
    finish(String(error));
  }
});

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

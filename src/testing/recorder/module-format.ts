import * as fs from 'node:fs';
import * as path from 'node:path';

/** Whether Node takes the file for an ES module: by its extension, else by the nearest package.json. */
export function isEsModule(file: string): boolean {
  const extension = path.extname(file);
  return extension === '.mjs' || (extension === '.js' && typeOf(path.dirname(file)) === 'module');
}

function typeOf(folder: string): unknown {
  try {
    return (JSON.parse(fs.readFileSync(path.join(folder, 'package.json'), 'utf8')) as { type?: unknown }).type;
  } catch {
    const parent = path.dirname(folder);
    return parent === folder ? undefined : typeOf(parent);
  }
}

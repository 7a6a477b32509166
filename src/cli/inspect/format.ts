/**
 * Whether Node takes a file for an ES module.
 */
import * as fs from 'node:fs';
import * as path from 'node:path';
import { compileFunction } from 'node:vm';

const IN_COMMONJS = ['exports', 'require', 'module', '__filename', '__dirname'];

/** @param root folder of the package that it belongs to, where it does to one */
export function isEsModule(file: string, root: string | undefined): boolean {
  const extension = path.extname(file);
  if (extension === '.mjs' || extension === '.mts') return true;
  if (!['.js', '.ts', '.jsx', '.tsx'].includes(extension)) return false;
  const type = nearestType(path.dirname(file), root);
  return type === undefined ? hasModuleSyntax(file, extension) : type === 'module';
}

/** `type` in the nearest package.json, up to the one of the package. */
function nearestType(folder: string, root: string | undefined): unknown {
  const manifest = path.join(folder, 'package.json');
  if (fs.existsSync(manifest)) {
    try {
      return (JSON.parse(fs.readFileSync(manifest, 'utf8')) as { type?: unknown }).type;
    } catch {
      return undefined;
    }
  }
  const parent = path.dirname(folder);
  return folder === root || parent === folder ? undefined : nearestType(parent, root);
}

/** What Node does, too, where no package.json says which: it tries. Of TypeScript the statements have to tell. */
function hasModuleSyntax(file: string, extension: string): boolean {
  try {
    const text = fs.readFileSync(file, 'utf8');
    if (extension.startsWith('.t')) return /^\s*(?:import|export)\b/m.test(text);
    compileFunction(text.replace(/^#!.*/, ''), IN_COMMONJS);
    return false;
  } catch (error) {
    return error instanceof SyntaxError;
  }
}

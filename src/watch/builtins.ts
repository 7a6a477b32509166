/**
 * Core modules need no hook: they are there, and one object serves `require` and `import` alike.
 */
import Module = require('node:module');

const requireBuiltin = Module.createRequire(__filename);

/** The exports object of a core module, or undefined if this version of Node has none of that name. */
export function loadBuiltin(name: string): unknown {
  return Module.isBuiltin(name) ? requireBuiltin(name) : undefined;
}

/** Makes ES modules that have imported a core module see what was changed in its exports object. */
export function syncBuiltins(): void {
  Module.syncBuiltinESMExports();
}

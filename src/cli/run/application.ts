/**
 * What `run` starts: a file with Node, or a command that starts Node itself, such as `npm start` and `tsx app.ts`.
 */
import { InvalidArgumentError } from 'commander';
import * as fs from 'node:fs';
import { createRequire } from 'node:module';
import * as path from 'node:path';
import { didYouMeanFile, isDirectory, isFile } from './options';

/** Absolute paths. */
export type Application =
  { readonly file: string; readonly command?: undefined } | { readonly command: string; readonly file?: undefined };

/** @throws InvalidArgumentError if there is neither such a file nor such a command */
export function findApplication(name: string, cwd: string, env: NodeJS.ProcessEnv): Application {
  const absolute = path.resolve(cwd, name);
  if (isFile(absolute)) return { file: absolute };
  try {
    // As Node finds it: without its extension, or the folder with an index file, too.
    return { file: createRequire(path.join(cwd, 'noop.js')).resolve(absolute) };
  } catch {
    const command = isDirectory(absolute) ? undefined : findCommand(name, cwd, env);
    if (command === undefined) throw new InvalidArgumentError(whyNoApplication(name, absolute));
    return { command };
  }
}

/** Commands of installed packages come first, as in the scripts of package.json. */
function findCommand(name: string, cwd: string, env: NodeJS.ProcessEnv): string | undefined {
  if (!/^[\w@][\w@.-]*$/.test(name) || process.platform === 'win32') return undefined;
  const folders = [
    ...foldersAbove(cwd).map((folder) => path.join(folder, 'node_modules', '.bin')),
    ...(env.PATH ?? '').split(path.delimiter),
  ];
  return folders
    .filter((folder) => path.isAbsolute(folder))
    .map((folder) => path.join(folder, name))
    .find((file) => isFile(file) && isExecutable(file));
}

function foldersAbove(folder: string): string[] {
  const above = path.dirname(folder);
  return above === folder ? [folder] : [folder, ...foldersAbove(above)];
}

function isExecutable(file: string): boolean {
  try {
    fs.accessSync(file, fs.constants.X_OK);
    return true;
  } catch {
    return false;
  }
}

function whyNoApplication(name: string, absolute: string): string {
  if (name === '-') return 'an application that comes on stdin cannot be traced: give a file';
  if (isDirectory(absolute))
    return `${name} is a folder that has no main file: give the file that Node is to start with`;
  if (process.platform === 'win32' && /^(?:node|npm|npx|pnpm|yarn|tsx)$/.test(name))
    return `on Windows, ${name} cannot be started: give the file that Node is to start with, and what Node needs for it in --node-option`;
  const orCommand = /^[\w@-]+$/.test(name) ? ', and no command of that name in node_modules/.bin or PATH' : '';
  return `there is no file ${name}${orCommand}${didYouMeanFile(absolute, name)}`;
}

/** As NODE_OPTIONS takes them: arguments with spaces in quotes. */
export function toNodeOptions(args: readonly string[]): string {
  return args.map((arg) => (/[\s"\\]/.test(arg) ? `"${arg.replace(/["\\]/g, '\\$&')}"` : arg)).join(' ');
}

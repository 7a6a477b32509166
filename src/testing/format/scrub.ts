/**
 * Takes out of texts what is different on every machine and in every run, wherever it stands: absolute paths below the
 * base directory, ports, and the ids of the recorded spans.
 */
import { pathToFileURL } from 'node:url';

export type Scrub = (text: string) => string;

/** `scheme://host:port`, as in URLs anywhere in a text. */
const PORT_OF_URL = /\b([a-z][a-z0-9+.-]*:\/\/(?:[^\s/?#"'@]*@)?(?:\[[0-9a-f:.]+\]|[^\s/?#"':,@[\]]+)):\d{1,5}\b/gi;
/** `127.0.0.1:port`, `localhost:port`, `[::1]:port`, `::1:port`, as in messages of errors. */
const PORT_OF_ADDRESS =
  /((?:\b\d{1,3}(?:\.\d{1,3}){3}|\blocalhost|\[[0-9a-f:.]*:[0-9a-f:.]*\]|(?<![\w:])::1)):\d{1,5}\b/gi;
const ID = /\b(?:[0-9a-f]{16}){1,2}\b/g;

/**
 * @param baseDir absolute; what is below it is shown with a `.` in its place
 * @param ids of the traces and spans that are formatted, and what to show for them
 */
export function createScrub(baseDir: string, ids: ReadonlyMap<string, string>): Scrub {
  const directory = baseDir.replace(/[\\/]+$/, '');
  // In a root directory everything is absolute, and nothing is the project's.
  const directories = directory === '' ? [] : [pathToFileURL(directory).href, directory];
  const inDirectory = directories.map((each) => new RegExp(`${escapeRegExp(each)}(?![\\w.-])`, 'g'));
  return (text) => {
    let result = text;
    for (const pattern of inDirectory) result = result.replace(pattern, '.');
    if (result.includes(':')) result = result.replace(PORT_OF_URL, '$1:<port>').replace(PORT_OF_ADDRESS, '$1:<port>');
    return result.length < 16 ? result : result.replace(ID, (id) => ids.get(id) ?? id);
  };
}

function escapeRegExp(text: string): string {
  return text.replace(/[\\^$.*+?()[\]{}|]/g, '\\$&');
}

/** Strings anywhere in a value of an attribute. */
export function scrubValue(value: unknown, scrub: Scrub): unknown {
  if (typeof value === 'string') return scrub(value);
  if (!Array.isArray(value)) return value;
  return value.map((each: unknown) => (typeof each === 'string' ? scrub(each) : each));
}

/**
 * The queries of URLs as import-in-the-middle writes them. It adds its parameter to a query and takes it out again by way of URLSearchParams,
 * which may write what else stands there in another way: `?1700000000`, as programs import a module anew, becomes `?1700000000=`. By that it
 * does not know the module again, and it is not wrapped, but loaded with the parameter in its `import.meta.url`.
 *
 * So import-in-the-middle gets such a URL rewritten from the start, and the module the one that the program has written.
 */
import { RecentMap } from './recent';

const PARAMETER = 'iitm';

interface Resolved {
  readonly url: string;
}

export interface Queries {
  /** What import-in-the-middle gets for what has been resolved. */
  rewritten<T extends Resolved>(resolved: T): T;
  /** What is loaded for what import-in-the-middle says. */
  original<T extends Resolved>(resolved: T): T;
}

export function createQueries(): Queries {
  /** Whoever imports a module, passes by here first. */
  const originals = new RecentMap<string, string>();
  return {
    rewritten(resolved) {
      const url = rewrite(resolved.url);
      if (url === resolved.url) return resolved;
      originals.set(url, originals.get(url) ?? resolved.url);
      return { ...resolved, url };
    },
    original(resolved) {
      const url = originals.get(resolved.url);
      return url === undefined ? resolved : { ...resolved, url };
    },
  };
}

function rewrite(url: string): string {
  if (!url.startsWith('file:') || !url.includes('?')) return url;
  const parsed = new URL(url);
  if (parsed.searchParams.has(PARAMETER)) return url;
  parsed.searchParams.set(PARAMETER, 'true');
  parsed.searchParams.delete(PARAMETER);
  return parsed.href;
}

/**
 * What a file defines, for those who do not transform it.
 */
import { collect, type Definition } from './collect';
import { asNodeDoes, type SourceType } from './parse';

export type { Definition };

/**
 * The functions that a source defines: its async generators, and all others that have a name to select them by.
 *
 * @param sourceType if it is known
 * @throws {SyntaxError} if it cannot be parsed
 * @example
 * findDefinitions('class Client { async *pages() {} }', 'module'); // [{ path: 'Client#pages', line: 1, column: 16, … }]
 */
export function findDefinitions(source: string, sourceType?: SourceType): Definition[] {
  const find = (type: SourceType) => collect(source, type).map(({ definition }) => definition);
  return sourceType === undefined ? asNodeDoes(find) : find(sourceType);
}

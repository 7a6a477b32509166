import type { GeneratorCall } from '../types';
import { at, type OwnPreset } from './preset';

/** The lists of clients that make their iterators themselves. Those of all others come from core-paging, which does not know of which client they are. */
const LISTS: Readonly<Record<string, readonly string[]>> = {
  '@azure/data-tables': ['TableClient#listEntities', 'TableServiceClient#listTables'],
  '@azure/storage-blob': [
    'BlobServiceClient#findBlobsByTags',
    'BlobServiceClient#listContainers',
    'ContainerClient#listBlobsByHierarchy',
    'ContainerClient#listBlobsFlat',
  ],
};

export const azure: OwnPreset = {
  name: 'azure',
  traces:
    "the lists of Azure's clients that use @azure/core-paging, @azure/storage-blob or @azure/data-tables: item by item, and byPage(); and the queries of @azure/cosmos",
  spans: 'azure.list, azure.ContainerClient.listBlobsFlat.byPage',
  targets: [
    {
      module: '@azure/core-paging',
      exports: withPages(['getPagedAsyncIterator']),
      isLazy: true,
      spanName: ({ exportPath }) => exportPath.replace('getPagedAsyncIterator', 'azure.list'),
    },
    ...Object.entries(LISTS).map(([module, lists]) => ({
      module,
      exports: withPages(lists),
      isLazy: true,
      spanName: ({ exportPath }: GeneratorCall) => `azure.${exportPath}`,
    })),
    {
      module: '@azure/cosmos',
      versions: '>=4.0.0',
      exports: ['QueryIterator#getAsyncIterator'],
      spanName: 'azure.QueryIterator.getAsyncIterator',
      abortSignal: ({ thisArg }) => at(thisArg, 'options', 'abortSignal'),
    },
  ],
};

/** What each of the functions returns, and its `byPage`. */
function withPages(functions: readonly string[]): string[] {
  return functions.flatMap((each) => [each, `${each}().byPage`]);
}

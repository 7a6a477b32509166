import { expect } from 'chai';
import { awsSdk } from '../../src/presets/aws';
import type { GeneratorCall } from '../../src/types';

/** What the span of a paginator is called that `createPaginator` has made of these. */
function nameFor(...factoryArgs: unknown[]): string {
  const spanName = awsSdk.targets[0]?.spanName;
  if (typeof spanName !== 'function') throw new Error('the preset names its spans by a function');
  return spanName({ exportPath: 'createPaginator()', args: [], factoryArgs } as unknown as GeneratorCall);
}

class S3Client {}
class ListObjectsV2Command {}

describe('the spans of the aws-sdk preset', () => {
  it('are named for the service and the operation', () => {
    expect(nameFor(S3Client, ListObjectsV2Command)).to.equal('S3.ListObjectsV2');
  });

  it('keep the names of classes that do not end as those of the AWS SDK do', () => {
    class Storage {}
    class ListEverything {}
    expect(nameFor(Storage, ListEverything)).to.equal('Storage.ListEverything');
  });

  it('are named for the export where there is nothing else to name them for', () => {
    const nameless = (() => class {})();
    for (const factoryArgs of [[], [S3Client], [undefined, ListObjectsV2Command], [S3Client, 'Command']]) {
      expect(nameFor(...factoryArgs)).to.equal('createPaginator()');
    }
    expect(nameFor(nameless, ListObjectsV2Command)).to.equal('createPaginator()');
    expect(nameFor(S3Client, nameless)).to.equal('createPaginator()');
  });

  it('are named for the export where no factory was seen', () => {
    const spanName = awsSdk.targets[0]?.spanName as (call: GeneratorCall) => string;
    expect(spanName({ exportPath: 'paginate', args: [] } as unknown as GeneratorCall)).to.equal('paginate');
  });
});

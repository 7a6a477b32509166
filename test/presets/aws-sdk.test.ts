import { expect } from 'chai';
import { awsSdk } from '../../src/presets/aws';
import type { PresetTarget } from '../../src/targets/target';
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

describe('the event streams of the aws-sdk preset', () => {
  class KinesisClient {}
  class SubscribeToShardCommand {}
  class StartLiveTailCommand {}
  const ofProperty = (property: string) => {
    const targets = awsSdk.targets.filter(({ exports }) => exports?.[0] === `Client#send().${property}`);
    return targets as [PresetTarget, PresetTarget];
  };

  it('are found by the two packages that clients of all versions inherit from', () => {
    const modules = ofProperty('EventStream').map(({ module }) => module);
    expect(modules).to.deep.equal(['@smithy/core/client', '@smithy/smithy-client']);
  });

  it('are those of the commands that have one in the property', () => {
    const [target] = ofProperty('EventStream');
    expect(target.isMadeBy?.([new SubscribeToShardCommand()])).to.equal(true);
    for (const other of [new StartLiveTailCommand(), new ListObjectsV2Command(), undefined, 'SubscribeToShardCommand'])
      expect(target.isMadeBy?.([other])).to.equal(false);
    expect(ofProperty('responseStream')[0].isMadeBy?.([new StartLiveTailCommand()])).to.equal(true);
  });

  it('are named for the service and the operation, or for the property where that is not known', () => {
    const spanName = ofProperty('EventStream')[0].spanName as (call: GeneratorCall) => string;
    const exportPath = 'Client.send.EventStream';
    const nameOf = (thisArg: unknown, command: unknown) =>
      spanName({ exportPath, thisArg, args: [command] } as unknown as GeneratorCall);
    expect(nameOf(new KinesisClient(), new SubscribeToShardCommand())).to.equal('Kinesis.SubscribeToShard');
    expect(nameOf(undefined, new SubscribeToShardCommand())).to.equal(exportPath);
  });

  it('are aborted by the signal of the call', () => {
    const { signal } = new AbortController();
    const { abortSignal } = ofProperty('EventStream')[0];
    const signals = [{ abortSignal: signal }, undefined].map((options) =>
      abortSignal?.({ args: [new SubscribeToShardCommand(), options] } as unknown as GeneratorCall),
    );
    expect(signals).to.deep.equal([signal, undefined]);
  });

  it('are none of those that the bedrock preset knows', () => {
    class ConverseStreamCommand {}
    class InvokeModelWithResponseStreamCommand {}
    for (const command of [new ConverseStreamCommand(), new InvokeModelWithResponseStreamCommand()])
      expect(awsSdk.targets.filter(({ isMadeBy }) => isMadeBy?.([command]) === true)).to.deep.equal([]);
  });
});

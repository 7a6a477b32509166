import type { PresetTarget } from '../targets/target';
import type { GeneratorCall } from '../types';
import { at, classOf, type OwnPreset } from './preset';

/**
 * Operations that are answered by a stream of events, by the property of the answer that holds it: those of the SDK's clients in November 2026. The
 * two that stream what a model says have a preset of their own, `bedrock`.
 */
const EVENT_STREAMS: Readonly<Record<string, readonly string[]>> = {
  body: ['InvokeAssistant', 'InvokeModelWithBidirectionalStream'],
  Body: ['InvokeEndpointWithResponseStream'],
  CallAnalyticsTranscriptResultStream: ['StartCallAnalyticsStreamTranscription'],
  completion: ['InvokeAgent', 'InvokeInlineAgent'],
  EventStream: ['InvokeWithResponseStream', 'StartSpeechSynthesisStream', 'SubscribeToShard'],
  fieldStream: ['GetLogObject'],
  LivenessResponseStream: ['StartFaceLivenessSession'],
  optimizedPrompt: ['OptimizePrompt'],
  outputStream: ['Chat'],
  Payload: ['SelectObjectContent'],
  responseEventStream: ['StartConversation'],
  responseStream: ['InvokeFlow', 'StartLiveTail'],
  ResultStream: ['StartMedicalScribeStream'],
  stream: [
    'AgenticRetrieveStream',
    'InvokeAgentRuntimeCommand',
    'InvokeCodeInterpreter',
    'InvokeHarness',
    'RetrieveAndGenerateStream',
  ],
  TranscriptResultStream: ['StartMedicalStreamTranscription', 'StartStreamTranscription'],
};

/** All clients inherit their `send` from one class, which newer ones have from another package. */
const CLIENTS = ['@smithy/core/client', '@smithy/smithy-client'];

/**
 * The paginators (`paginateListObjectsV2` and others), and the streams of events. Clients since 3.478 (December 2023) make all of their paginators with
 * this one function; those of older clients need a target of their own (`@aws-sdk/client-s3[paginate*]`).
 */
export const awsSdk: OwnPreset = {
  name: 'aws-sdk',
  traces: 'all paginators and event streams of the AWS SDK (clients since 3.478)',
  spans: 'S3.ListObjectsV2, Kinesis.SubscribeToShard',
  targets: [
    { module: '@smithy/core', exports: ['createPaginator()'], spanName: nameOfPaginator },
    ...CLIENTS.flatMap((module) =>
      Object.entries(EVENT_STREAMS).map(([property, operations]) => eventStream(module, property, operations)),
    ),
  ],
  users: { modules: /^@aws-sdk\/client-[^/]+$/, versions: '>=3.478.0' },
};

function eventStream(module: string, property: string, operations: readonly string[]): PresetTarget {
  const commands = new Set<unknown>(operations.map((operation) => `${operation}Command`));
  return {
    module,
    exports: [`Client#send().${property}`],
    spanName: ({ exportPath, thisArg, args }: GeneratorCall) =>
      nameOfOperation(classOf(thisArg), classOf(args[0])) ?? exportPath,
    startOn: 'call',
    isMadeBy: ([command]) => commands.has(classOf(command)),
    abortSignal: ({ args }: GeneratorCall) => at(args[1], 'abortSignal'),
  };
}

/** `S3.ListObjectsV2` for what `createPaginator(S3Client, ListObjectsV2Command, ...)` has made. */
function nameOfPaginator({ exportPath, factoryArgs: [client, command] = [] }: GeneratorCall): string {
  return nameOfOperation(nameOf(client), nameOf(command)) ?? exportPath;
}

function nameOf(constructor: unknown): string | undefined {
  return typeof constructor === 'function' && constructor.name !== '' ? constructor.name : undefined;
}

/** Of the names of two classes, without what the names of all such classes end in. */
function nameOfOperation(client: string | undefined, command: string | undefined): string | undefined {
  if (client === undefined || command === undefined) return undefined;
  return `${client.replace(/Client$/, '')}.${command.replace(/Command$/, '')}`;
}

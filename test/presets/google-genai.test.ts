import { expect } from 'chai';
import { googleGenai } from '../../src/presets/google';
import { useTracing } from '../support/tracing';
import { readerOf, readWith } from './support/reading';

const SPAN = 'google-genai.models.generateContentStream';
const models = (clientOptions: object) => ({ apiClient: { clientOptions } });
const gemini = models({ httpOptions: { baseUrl: 'https://generativelanguage.googleapis.com/' } });

describe('what the google-genai preset says of a request', () => {
  const tracing = useTracing();
  const read = (params: unknown, thisArg: unknown, chunks: unknown[] = []) =>
    readWith(readerOf(googleGenai, SPAN), { args: [params], thisArg, chunks }, tracing);

  it('is the configuration of the request', async () => {
    const config = {
      temperature: 0.1,
      topP: 0.2,
      topK: 3,
      candidateCount: 2,
      maxOutputTokens: 5,
      stopSequences: ['.'],
      seed: 6,
      frequencyPenalty: 0.3,
      presencePenalty: 0.4,
      responseMimeType: 'application/json',
      thinkingConfig: { thinkingLevel: 'LOW' },
      systemInstruction: 'be brief',
    };
    const { name, attributes } = await read({ model: 'gemini-3', contents: 'hello?', config }, gemini);
    expect(name).to.equal('generate_content gemini-3');
    expect(attributes).to.deep.equal({
      'gen_ai.operation.name': 'generate_content',
      'gen_ai.provider.name': 'gcp.gemini',
      'gen_ai.request.model': 'gemini-3',
      'gen_ai.request.stream': true,
      'gen_ai.request.temperature': 0.1,
      'gen_ai.request.top_p': 0.2,
      'gen_ai.request.top_k': 3,
      'gen_ai.request.choice.count': 2,
      'gen_ai.request.max_tokens': 5,
      'gen_ai.request.stop_sequences': ['.'],
      'gen_ai.request.seed': 6,
      'gen_ai.request.frequency_penalty': 0.3,
      'gen_ai.request.presence_penalty': 0.4,
      'gen_ai.request.reasoning.level': 'LOW',
      'gen_ai.output.type': 'json',
      'server.address': 'generativelanguage.googleapis.com',
      'server.port': 443,
      'gen_ai.system_instructions': [{ type: 'text', content: 'be brief' }],
      'gen_ai.input.messages': [{ role: 'user', parts: [{ type: 'text', content: 'hello?' }] }],
    });
  });

  it('is Vertex AI as the provider, where the client asks that', async () => {
    const { attributes } = await read({ model: 'gemini-3' }, models({ vertexai: true }));
    expect(attributes).to.include({ 'gen_ai.provider.name': 'gcp.vertex_ai' });
  });

  it('is no matter of the client, where the program has taken its function apart', async () => {
    const { attributes } = await read({ model: 'gemini-3' }, undefined);
    expect(attributes).to.include({ 'gen_ai.provider.name': 'gcp.gemini', 'gen_ai.request.model': 'gemini-3' });
  });

  it('is the messages of a chat, with the calls of tools and their answers', async () => {
    const contents = [
      { role: 'user', parts: [{ text: 'weather?' }] },
      { role: 'model', parts: [{ functionCall: { id: '1', name: 'weather', args: { city: 'Rome' } } }] },
      { role: 'user', parts: [{ functionResponse: { name: 'weather', response: { sun: true } } }] },
    ];
    const { attributes } = await read({ model: 'gemini-3', contents }, gemini);
    expect(attributes['gen_ai.input.messages']).to.deep.equal([
      { role: 'user', parts: [{ type: 'text', content: 'weather?' }] },
      { role: 'model', parts: [{ type: 'tool_call', id: '1', name: 'weather', arguments: { city: 'Rome' } }] },
      { role: 'user', parts: [{ type: 'tool_call_response', response: { sun: true } }] },
    ]);
  });
});

describe('what the google-genai preset says of a response', () => {
  const tracing = useTracing();
  const read = async (chunks: unknown[]) =>
    (await readWith(readerOf(googleGenai, SPAN), { args: [{ model: 'm' }], thisArg: gemini, chunks }, tracing))
      .attributes;

  const chunk = (parts: unknown[], more?: object) => ({
    candidates: [{ content: { role: 'model', parts }, ...more }],
    modelVersion: 'gemini-3-001',
    responseId: 'response-1',
  });

  it('is the usage so far: thoughts are output, answers of tools are input', async () => {
    const usages = [
      { promptTokenCount: 5, totalTokenCount: 5 },
      {
        promptTokenCount: 5,
        toolUsePromptTokenCount: 7,
        candidatesTokenCount: 2,
        thoughtsTokenCount: 3,
        cachedContentTokenCount: 4,
        totalTokenCount: 17,
      },
    ];
    const attributes = await read(usages.map((usageMetadata) => ({ ...chunk([{ text: 'a' }]), usageMetadata })));
    expect(attributes).to.include({
      'gen_ai.usage.input_tokens': 12,
      'gen_ai.usage.output_tokens': 5,
      'gen_ai.usage.reasoning.output_tokens': 3,
      'gen_ai.usage.cache_read.input_tokens': 4,
      'gen_ai.response.id': 'response-1',
      'gen_ai.response.model': 'gemini-3-001',
    });
  });

  it('is what the model thinks, says, and calls', async () => {
    const attributes = await read([
      chunk([{ text: 'hm', thought: true }]),
      chunk([{ text: 'hello' }]),
      chunk([{ functionCall: { name: 'weather', args: { city: 'Rome' } } }], { finishReason: 'STOP' }),
    ]);
    expect(attributes['gen_ai.response.finish_reasons']).to.deep.equal(['STOP']);
    expect(attributes['gen_ai.output.messages'][0]?.parts).to.deep.equal([
      { type: 'reasoning', content: 'hm' },
      { type: 'text', content: 'hello' },
      { type: 'tool_call', name: 'weather', arguments: { city: 'Rome' } },
    ]);
  });

  it('is the reason of each candidate', async () => {
    const candidates = [
      { index: 0, content: { parts: [{ text: 'a' }] }, finishReason: 'STOP' },
      { index: 1, content: { parts: [{ text: 'b' }] }, finishReason: 'MAX_TOKENS' },
    ];
    const attributes = await read([{ candidates }]);
    expect(attributes['gen_ai.response.finish_reasons']).to.deep.equal(['STOP', 'MAX_TOKENS']);
  });

  it('is nothing where chunks are not what they should be', async () => {
    const attributes = await read([
      null,
      'text',
      {},
      { candidates: 'none', usageMetadata: null },
      { candidates: [null] },
    ]);
    expect(Object.keys(attributes).filter((key) => /response|usage|output/.test(key))).to.deep.equal([]);
  });
});

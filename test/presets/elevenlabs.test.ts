import { expect } from 'chai';
import { elevenlabs } from '../../src/presets/elevenlabs';
import { useTracing } from '../support/tracing';
import { readerOf, readWith } from './support/reading';

describe('what the elevenlabs preset says', () => {
  const tracing = useTracing();

  it('is the request, and that the answer is speech', async () => {
    const { name, attributes } = await readWith(
      readerOf(elevenlabs, 'elevenlabs.textToSpeech.stream'),
      {
        args: ['voice-1', { text: 'hello', modelId: 'eleven_flash_v2_5', seed: 1 }],
        thisArg: { _options: {} },
        chunks: [new Uint8Array(3)],
      },
      tracing,
    );
    expect(name).to.equal('generate_content eleven_flash_v2_5');
    expect(attributes).to.deep.equal({
      'gen_ai.operation.name': 'generate_content',
      'gen_ai.provider.name': 'elevenlabs',
      'gen_ai.request.model': 'eleven_flash_v2_5',
      'gen_ai.request.stream': true,
      'gen_ai.request.seed': 1,
      'gen_ai.output.type': 'speech',
      'server.address': 'api.elevenlabs.io',
      'server.port': 443,
      'gen_ai.input.messages': [{ role: 'user', parts: [{ type: 'text', content: 'hello' }] }],
    });
  });
});

import type { OwnPreset } from './preset';

/** The streams of models, and with them those of chats. Each client's constructor makes the method. */
export const googleGenai: OwnPreset = {
  name: 'google-genai',
  traces: 'generateContentStream, and with it the streams of chats',
  spans: 'google-genai.models.generateContentStream',
  targets: [
    {
      module: '@google/genai',
      exports: ['new GoogleGenAI().models.generateContentStream'],
      spanName: 'google-genai.models.generateContentStream',
    },
  ],
};

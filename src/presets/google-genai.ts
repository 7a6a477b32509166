/**
 * The model streams of Google's Gen AI client, and with them those of its chats. The method is made by the constructor, anew for each
 * client.
 */
import type { PresetTarget } from './preset-target';

export const googleGenai: readonly PresetTarget[] = [
  {
    module: '@google/genai',
    exports: ['new GoogleGenAI().models.generateContentStream'],
    spanName: 'google-genai.models.generateContentStream',
  },
];

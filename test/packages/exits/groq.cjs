const { chatScenario } = require('../support/exits/chat-scenario.cjs');

module.exports = chatScenario({ preset: 'groq', module: 'groq-sdk', client: 'Groq', packages: ['groq-0', 'groq-1'] });

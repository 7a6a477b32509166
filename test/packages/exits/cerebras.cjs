const { chatScenario } = require('../support/exits/chat-scenario.cjs');

module.exports = chatScenario({
  preset: 'cerebras',
  module: '@cerebras/cerebras_cloud_sdk',
  client: 'Cerebras',
  packages: ['cerebras-1.3', 'cerebras-1.91'],
});

const { chatScenario } = require('../support/exits/chat-scenario.cjs');

module.exports = chatScenario({
  preset: 'together',
  module: 'together-ai',
  client: 'Together',
  packages: ['together-0.6', 'together-0.52'],
});

import { describeExample } from './support';

describeExample({
  title: 'the ETL example',
  app: 'etl/app.mjs',
  service: { name: 'PostgreSQL', port: 5432 },
  runs: ['orderBatches completed 4', '  batch completed 4', '  extract completed 1000', '  transform completed 900'],
});

describeExample({
  title: 'the Redis streams example',
  app: 'redis/app.mjs',
  service: { name: 'Redis', port: 6379 },
  runs: ['alerts returned 3', '  entries returned 6', 'reports completed 20'],
});

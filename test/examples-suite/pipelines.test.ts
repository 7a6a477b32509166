import { describeExample } from './support';

describeExample({
  title: 'the ETL example',
  app: 'etl/app.mjs',
  service: { name: 'PostgreSQL', port: 5432 },
});

describeExample({
  title: 'the Redis streams example',
  app: 'redis/app.mjs',
  service: { name: 'Redis', port: 6379 },
  // The text of each command holds the id of the process or of an entry; what it is and where it goes is known then.
  format: () => ({ exclude: ['db.query.text', 'db.system.name', 'server.address'] }),
});

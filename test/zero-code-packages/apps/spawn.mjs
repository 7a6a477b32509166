import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { count } from './count.mjs';

if (process.argv[2] === 'child') {
  for await (const item of count(2)) console.log('child', item);
  process.exit(5);
} else {
  const child = spawn(process.execPath, [import.meta.filename, 'child'], { stdio: 'inherit' });
  const [code] = await once(child, 'exit');
  console.log('child ended with', code);
  for await (const item of count(1)) console.log('parent', item);
}

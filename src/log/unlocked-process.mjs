// The process that holds a protected identity in memory for a while: see unlocked.ts.
import { load } from '../load.mjs';

process.title = 'dalil keys unlocked';
const { hold } = await load(new URL('./unlocked.ts', import.meta.url));
await hold(process.stdin, () => process.stdout.write('ready\n'));

// `npm start`: the sample case from beginning to end, then the Case page. See sample.ts.
import { load } from '../src/load.mjs';
import { install } from './install.mjs';

install();
const { sample } = await load(new URL('./sample.ts', import.meta.url));
process.exit(await sample(process.argv.slice(2)));

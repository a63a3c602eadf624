// A process for the tests: sets an invented case and prints the SHA-256 of the PDF. Its folder and time zone are the
// test's choice.
import { createHash } from 'node:crypto';
import { inventedCase, type Invention } from './case.fixture.ts';
import { dossierContent } from './dossier.ts';
import { compileDossier } from './typst.ts';

const invention = JSON.parse(process.argv[2] ?? '{"items":0}') as Invention;
const { pdf } = await compileDossier(dossierContent(inventedCase(invention)));
process.stdout.write(createHash('sha256').update(pdf).digest('hex'));

// A writer of notes, run as a process of its own: <case> <name> <turns> <first number>. Each line it prints is one turn
// that the log has acknowledged.
import { openCase } from './case.ts';
import { noteOptions, writeNotes } from './log.fixture.ts';

const [path, writer, count, first] = process.argv.slice(2) as [string, string, string, string];
const opened = await openCase(path, await noteOptions(process.env as Record<string, string>));
for await (const turn of writeNotes(opened, writer, Number(count), Number(first))) {
  process.stdout.write(`${JSON.stringify(turn)}\n`);
}
await opened.close();

// dalil dossier, export: what leaves the case.
import { basename, dirname, join, resolve } from 'node:path';
import { readDossierInput } from '../../dossier-input.ts';
import { buildDossier, nextState } from '../../report/build.ts';
import { exportBundle } from '../../report/bundle.ts';
import { dossierContent } from '../../report/dossier.ts';
import { text, usage, type Command } from '../command.ts';
import { stampAtEnd } from './stamp.ts';

export const dossierCommand: Command = {
  name: 'dossier',
  usage: 'build|check <id> [--out FILE]',
  summary: 'the report; `check` says whether everything in it leads to its evidence',
  options: { out: { type: 'string' } },
  help: [['--out FILE', 'the PDF (beside the case: <case>-<id>.pdf)']],
  async run(context, { positionals, values }) {
    const { terminal, json, cwd } = context;
    const [act, name, ...more] = positionals;
    if ((act !== 'build' && act !== 'check') || name === undefined || more.length > 0 || !/^[\w-]{1,64}$/.test(name)) {
      throw usage(
        'Build or check which dossier?',
        'dalil dossier build|check <id>, the id of letters, digits, - and _',
        positionals.join(' '),
      );
    }
    const opened = await context.openCase({ write: act === 'build' });
    const input = await readDossierInput(opened, await nextState(opened, name));
    if (act === 'check') {
      const content = dossierContent(input);
      if (json) terminal.out(JSON.stringify({ ok: true, figures: content.figures.length }));
      else
        terminal.say(
          `${terminal.good('cited')}  ${content.figures.length} figures and every passage lead to records under checkpoint ${input.view.checkpoint.size}`,
        );
      return 0;
    }
    const beside = join(dirname(opened.folder.path), `${basename(opened.folder.path)}-${name}.pdf`);
    const out = text(values, 'out');
    terminal.say(`setting edition ${input.edition} at checkpoint ${input.view.checkpoint.size}`);
    const built = await buildDossier(opened, name, input, out === undefined ? beside : resolve(cwd, out));
    if (json) terminal.out(JSON.stringify(built));
    else for (const path of built.paths) terminal.say(`${terminal.good('built')}  ${path}`);
    terminal.say(`${built.pages} pages; it names paths and handles of the case, and is not for publication as it is`);
    await stampAtEnd(context, opened);
    terminal.say('next: dalil export --format bundle --out PATH');
    return 0;
  },
};

export const exportCommand: Command = {
  name: 'export',
  usage: '--format bundle --out PATH [--originals]',
  summary: 'a bundle that strangers can verify offline',
  options: { format: { type: 'string' }, out: { type: 'string' }, originals: { type: 'boolean' } },
  help: [
    ['--format bundle', 'a BagIt bag: records, proofs, checkpoint, dossier'],
    ['--out PATH', 'a folder that does not exist yet'],
    ['--originals', 'carry the originals as well; without it they stay in the case, and are counted as withheld'],
  ],
  async run(context, { values }) {
    const { terminal, json, cwd, signal } = context;
    const format = text(values, 'format') ?? 'bundle';
    const out = text(values, 'out');
    if (format !== 'bundle') throw usage('There is no such format.', 'bundle', format);
    if (out === undefined) throw usage('A bundle needs a place.', '--out PATH', 'nothing');
    const opened = await context.openCase({ write: true });
    const bundle = await exportBundle(opened, {
      out: resolve(cwd, out),
      originals: values['originals'] === true,
      date: new Date().toISOString(),
      signal,
      progress: terminal.progress,
    });
    terminal.clear();
    if (json) terminal.out(JSON.stringify(bundle));
    else {
      const n = (count: number) => count.toLocaleString('en');
      terminal.say(`${terminal.good('packed')}  ${bundle.path}`);
      terminal.say(
        `${n(bundle.records)} records with their proofs, ${n(bundle.carried)} ${bundle.carried === 1 ? 'file' : 'files'} carried, ${n(bundle.withheld)} withheld`,
      );
    }
    await stampAtEnd(context, opened);
    terminal.say(`next: dalil verify ${out}`);
    return 0;
  },
};

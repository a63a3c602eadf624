// dalil status, items, individuals: what there is.
import { shareText } from '../../case/share.ts';
import { categories, type CaseView } from '../../case/views.ts';
import type { FixityView } from '../../case/custody.ts';
import { readFixity, witnessed } from '../../seal/queries.ts';
import { countPasses, type PassLine } from '../../describe/passes.ts';
import { countRead, readLines } from '../../describe/queries.ts';
import { listIndividuals, listItems, readCase, tablesOf } from '../../overview.ts';
import { listProblems } from '../../problems.ts';
import { stages as allStages } from '../../stages.ts';
import { countClaims, listClaims, type ClaimCounts, type ClaimView } from '../../describe/provenance-queries.ts';
import { whyMembers, type MemberWhy } from '../../group/why.ts';
import type { OpenCase } from '../../log/case.ts';
import { text, usage, type Command, type Context } from '../command.ts';
import { columns, printable } from '../terminal.ts';
import { waitingLines } from './stamp.ts';

export const statusCommand: Command = {
  name: 'status',
  usage: '[--problems]',
  summary: 'the stages as a progress line, the reconciliation, counts with their denominators',
  options: { problems: { type: 'boolean' } },
  help: [['--problems', 'every problem by stage and code, a line each, and the command that does it again']],
  async run(context, { values }) {
    const opened = await context.openCase({ write: false });
    if (values['problems'] === true) {
      await sayProblemLines(context, opened);
      return 0;
    }
    const view = await readCase(opened);
    const passes = await countPasses(opened);
    const stamps = await waitingLines(opened);
    const fixity = await readFixity(opened);
    const watched = await witnessed(opened);
    const claims = await countClaims(opened.index.pool);
    const read = await countRead(opened.index.pool);
    if (context.json) {
      const more = { passes, read, timestamps: stamps, witnessed: watched, fixity, claims };
      context.terminal.out(JSON.stringify({ ...view, ...more }));
    } else {
      sayCase(context, view, passes);
      for (const line of readLines(read)) context.terminal.out(line);
      if (fixity.checked > 0) context.terminal.out(fixityLine(fixity));
      if (claims.claims + claims.searched > 0) context.terminal.out(claimsLine(claims));
      for (const { authority, line } of stamps) context.terminal.out(`timestamps by ${authority}: ${line}`);
      for (const { witness, size, time } of watched) {
        context.terminal.out(`witnessed by ${witness}: ${size.toLocaleString('en')} records at ${time}`);
      }
    }
    context.terminal.say(`next: ${view.next ?? 'dalil verify'}`);
    return 0;
  },
};

/** Every problem; then, as talk, how what they are about is done again. */
async function sayProblemLines({ terminal, json }: Context, opened: OpenCase): Promise<void> {
  const redo = new Map<string, number>();
  for (const problem of await listProblems(opened)) {
    const { stage, code, path, message, item, named } = problem;
    if (problem.redo !== null) redo.set(problem.redo, (redo.get(problem.redo) ?? 0) + 1);
    const line = [stage, code, item, printable(path), message, ...(named === null ? [] : [printable(named)])];
    terminal.out(json ? JSON.stringify(problem) : line.join('\t'));
  }
  for (const [command, many] of redo) terminal.say(`again, the ${count(many)} of this code: ${command}`);
}

function sayCase({ terminal }: Context, view: CaseView, passes: readonly PassLine[]): void {
  const { out, bold, dim, good, bad } = terminal;
  const n = (count: number) => count.toLocaleString('en');
  out(bold(printable(view.title)));
  out(
    dim(`${n(view.checkpoint.size)} records, sealed ${view.checkpoint.signedAt ?? ''}, root ${view.checkpoint.root}`),
  );
  out('');
  const markOf = (done: number, pending: number): string => (pending > 0 ? '◐' : done > 0 ? '●' : '○');
  const rows = view.stages.flatMap(({ name, done, pending, problems }) => {
    const title = allStages.find((stage) => stage.name === name)?.title ?? name;
    const own = passes.filter(({ stage }) => stage === name);
    // Where a stage has several passes, its line is their sum.
    const parts = own.length < 2 ? [] : own;
    return [
      [markOf(done, pending), title, done, 'done', pending, 'pending', problems, 'problems'],
      ...parts.map((pass) => [
        ' ',
        `${markOf(pass.done, pass.pending)} by ${pass.tool}, of ${n(pass.done + pass.pending)}`,
        pass.done,
        'done',
        pass.pending,
        'pending',
        '',
        pass.lacks === null ? '' : `there is no ${pass.lacks} here`,
      ]),
    ];
  });
  for (const line of columns(rows)) out(line);
  out('');
  for (const { handle, source, reconciliation, closes, quarantinedBy } of view.accessions) {
    const { received, sealed, duplicate, quarantined } = reconciliation;
    const state = closes ? good('closes') : bad('DOES NOT CLOSE');
    out(`${bold(handle)}  from ${printable(source)}`);
    out(
      `  received ${n(received)} = sealed ${n(sealed)} + duplicate ${n(duplicate)} + quarantined ${n(quarantined)}  ${state}`,
    );
    const reasons = Object.entries(quarantinedBy).map(([reason, count]) => `${reason} ${n(count)}`);
    if (reasons.length > 0) out(dim(`  in quarantine: ${reasons.join(', ')}`));
  }
  const destroyed = Object.entries(view.destroyed);
  if (destroyed.length > 0) {
    const total = destroyed.reduce((sum, [, many]) => sum + many, 0);
    const reasons = destroyed.map(([reason, many]) => `${reason} ${n(many)}`).join(', ');
    out(`${bad(`destroyed ${n(total)}`)} of the sealed items: ${reasons}`);
  }
  out('');
  out(
    bold(`Categories of ${n(view.pictures)} sealed pictures`) +
      dim('  as people have said, else as the rules of the case propose'),
  );
  const share = (count: number) => (view.pictures === 0 ? '' : shareText(count, view.pictures));
  for (const line of columns(
    categories.map((name) => [name, view.categories[name], share(view.categories[name]).padStart(7)]),
  )) {
    out(`  ${line}`);
  }
  const { count, pictures, denominator, withoutKey, provisional, severalSources, rule, interval } = view.individuals;
  out('');
  out(
    bold(`${n(count)} individuals`) +
      ` in ${n(pictures)} pictures; of ${n(denominator)} pictures of detainees ${n(withoutKey)} have no key`,
  );
  if (provisional.pictures > 0) {
    out(
      `  ${n(provisional.individuals)} individuals more and ${n(provisional.pictures)} pictures are provisional, by what cards read by the machine or neighbours say (not counted): dalil queue numbers`,
    );
  }
  if (severalSources > 0)
    out(`  ${n(severalSources)} of the ${n(count)} are seen in deliveries of more than one source`);
  out(dim(`  rule: ${rule}`));
  out(dim(`  interval: ${interval}`));
}

/** One line: how many originals were read again, and how long ago. */
export function fixityLine({ items, checked, oldest, unsound }: FixityView): string {
  const since = checked === items && oldest !== null ? `, all since ${oldest}` : '';
  const bad = unsound.length === 0 ? '' : `; ${count(unsound.length)} damaged or missing`;
  return `fixity: ${count(checked)} of ${count(items)} originals read again${since}${bad}`;
}

const count = (many: number): string => many.toLocaleString('en');

/** One line: how many claims of other tools there are and of how many checks each outcome is. */
function claimsLine({ claims, systems, checks, searched, searchable }: ClaimCounts): string {
  const { holds, fails, unchecked } = checks;
  const by = Object.entries(systems).map(([system, many]) => `${system} ${count(many)}`);
  const of = by.length === 0 ? '' : ` (${by.join(', ')})`;
  const each = `of ${count(holds + fails + unchecked)} checks ${count(holds)} hold, ${count(fails)} fail, ${count(unchecked)} not checked`;
  const looked = `manifests looked for in ${count(searched)} of ${count(searchable)} pictures, videos, sounds and PDFs`;
  return `claims of other tools: ${count(claims)}${of}; ${claims === 0 ? '' : `${each}; `}${looked}`;
}

function sayClaim({ terminal, json }: Context, claim: ClaimView): void {
  if (json) return terminal.out(JSON.stringify(claim));
  const { item, system, path, software, created, checks, parts, captures, record } = claim;
  const says = [software ?? 'a program that it does not name', created === null ? null : `made ${created}`];
  const line = says
    .filter((one) => one !== null)
    .map(printable)
    .join(', ');
  terminal.out(
    terminal.bold(`${item}  ${system}`) + `  ${printable(path)}  ${terminal.dim(`[r ${record}] says: ${line}`)}`,
  );
  for (const row of columns(checks.map(({ what, state, why }) => [state, printable(what), printable(why)])))
    terminal.out(`  ${row}`);
  if (captures > 0) terminal.out(`  ${count(captures)} addresses were captured`);
  const odd = parts.filter(({ outcome }) => ['differs', 'missing', 'not-sealed', 'unlisted'].includes(outcome));
  for (const each of odd.slice(0, 20)) terminal.out(`  ${each.outcome}  ${each.item ?? ''}  ${printable(each.path)}`);
  if (odd.length > 20) terminal.out(`  and ${count(odd.length - 20)} more such files (--json)`);
}

export const itemsCommand: Command = {
  name: 'items',
  usage: '[--claims [E-00001]]',
  summary: 'every file received, one a line; what other tools claimed of them before, and whether it holds',
  options: { claims: { type: 'boolean' } },
  help: [['--claims [E-00001]', 'claims of ProofMode, Tella, web archives and C2PA: all, or by and about one item']],
  async run(context, { positionals, values }) {
    const [item, ...more] = positionals;
    if (values['claims'] !== true && item !== undefined)
      throw usage('Every item is listed.', 'no item, or --claims with one', item, 'dalil items --claims E-00001');
    if (more.length > 0) throw usage('One item at a time.', 'E-00001', positionals.join(' '));
    const opened = await context.openCase({ write: false });
    if (values['claims'] === true) {
      for (const claim of await listClaims(opened.index.pool, item)) sayClaim(context, claim);
      return 0;
    }
    for await (const item of listItems(tablesOf(opened))) {
      context.terminal.out(
        context.json
          ? JSON.stringify(item)
          : `${item.id}\t${item.state}\t${item.format ?? ''}\t${item.duplicateOf ?? ''}\t${printable(item.path)}`,
      );
    }
    return 0;
  },
};

function memberLine({ json }: Context, member: MemberWhy): string {
  if (json) return JSON.stringify(member);
  const { item, path, provisional, reasons } = member;
  const said = reasons.map(({ reason, probability, of, records }) => {
    const sure = probability === null ? '' : ` ${shareText(probability, 1)}`;
    return `${reason}${sure}${of === null ? '' : ` of ${of}`} [r ${records.map(({ position }) => position).join(', ')}]`;
  });
  return `${item}\t${provisional ? 'provisional' : 'counted'}\t${said.join('; ')}\t${printable(path)}`;
}

export const individualsCommand: Command = {
  name: 'individuals',
  usage: '[--why I-0001]',
  summary: 'every individual with its pictures and numbers, one a line',
  options: { why: { type: 'string' } },
  help: [['--why I-0001', 'why each of its pictures belongs to it, with the records that say so']],
  async run(context, { values }) {
    const opened = await context.openCase({ write: false });
    const why = text(values, 'why');
    if (why !== undefined) {
      for (const member of await whyMembers(opened, why)) context.terminal.out(memberLine(context, member));
      return 0;
    }
    for (let after: string | null = null; ;) {
      const { individuals, next } = await listIndividuals(tablesOf(opened), { after, limit: 500 });
      for (const one of individuals) {
        const key = Object.values(one.key).map(printable).join(' / ');
        context.terminal.out(
          context.json
            ? JSON.stringify(one)
            : `${one.id}\t${key}\t${one.items.length} pictures${one.provisional ? '\tprovisional' : ''}${one.sources.length > 1 ? `\tseen in ${one.sources.map(printable).join(', ')}` : ''}`,
        );
      }
      if (next === null) return 0;
      after = next;
    }
  },
};

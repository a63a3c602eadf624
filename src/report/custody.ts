// The chapter on custody: who held each delivery, as claimed before it was received and as signed after, the times that
// this leaves open, and whether the originals were read again since. An open time is shown, and nothing is put into it.
import type { CustodyGap, CustodyLine, CustodyView } from '../case/custody.ts';
import type { Block, Citation, Column, Row, Section, Span, Table } from './content.ts';
import { complete, counted, Draft, given, instantInWords, say, share, term } from './content.ts';
import type { Counts } from './counts.ts';
import { all } from './counts.ts';
import type { DossierInput } from './dossier.ts';

const text = (title: string, width = 1): Column => ({ title, kind: 'text', width });

/** What happened, in words (PREMIS event types). */
const events: Record<CustodyLine['event'], string> = {
  claimed: 'held, as claimed',
  accession: 'received',
  transfer: 'handed over',
  replication: 'copied',
  dissemination: 'copy given away',
  deaccession: 'originals destroyed',
};

const gaps: Record<CustodyGap['kind'], string> = {
  gap: 'nobody is said to have held it',
  unknown: 'the dates do not tell whether somebody held it',
  overlap: 'more than one is said to have held it',
};

/** Chapter 2. */
export function custodyChapter(input: DossierInput, draft: Draft, counts: Counts): Section {
  const { custody, fixity } = input;
  const { evidence, empty } = counts;
  const blocks: Block[] = [
    draft.passage(
      'custody.what',
      [evidence.custody],
      say`Custody is who had the evidence in hand. What is said of the time before a delivery was received is the word of whoever says it. A hand-over since then is written down when both sides have signed the same receipt.`,
    ),
  ];
  if (empty) {
    const nothing = say`Nothing had been received, so nobody is said to hold anything.`;
    blocks.push(draft.passage('custody.none', [evidence.received], nothing));
  } else {
    blocks.push(
      draft.passage(
        'custody.gaps',
        [evidence.custody],
        say`From these dates the times are computed for which nobody is named, for which the dates do not tell, and for which two are named. They are listed whatever they are: an open time does not mean that anything was altered in it, and does not mean that nothing was.`,
      ),
      ...custody.flatMap((each) => deliveryBlocks(each, draft, evidence.custody)),
      fixityPassage(fixity, draft, counts),
    );
    if (fixity.unsound.length > 0) blocks.push(unsoundTable(fixity, draft));
  }
  return { id: 'custody', mark: '2', title: 'Who held it', blocks };
}

function deliveryBlocks(view: CustodyView, draft: Draft, from: Citation): Block[] {
  const id = `custody.${view.accession}`;
  const of = (event: CustodyLine['event']): CustodyLine[] => view.lines.filter((line) => line.event === event);
  const records = (lines: readonly CustodyLine[]): Citation[] => lines.map(({ record }) => draft.record(record));
  const received = of('accession');
  const claims = of('claimed');
  const signed = view.lines.filter(({ event, by }) => !['claimed', 'accession'].includes(event) && by.length > 1);
  const claimed = draft.figure(
    `${id}.claimed`,
    claims.length,
    all(
      `custodies of delivery ${view.accession} before it was received, as claimed`,
      claims.length === 0 ? [from] : records(claims),
    ),
  );
  const receipts = draft.figure(
    `${id}.receipts`,
    signed.length,
    all(
      `receipts over delivery ${view.accession}, or a part of it, signed by both sides`,
      signed.length === 0 ? [from] : records(signed),
    ),
  );
  const blocks: Block[] = received.map((line) =>
    draft.passage(
      `${id}.received`,
      records([line]),
      say`Delivery ${term(view.accession)} came from ${given(view.source)} and was received by ${quoted(line.holder)} on ${instant(line.from)}.`,
    ),
  );
  const sayers = [...new Set(claims.flatMap(({ by }) => by))];
  blocks.push(
    claims.length === 0
      ? draft.passage(
          `${id}.unclaimed`,
          [from, ...records(received)],
          say`Nobody has said who held delivery ${term(view.accession)} before it was received.`,
          'warning',
        )
      : draft.passage(
          `${id}.before`,
          records(claims),
          say`Before that, ${counted(claimed, 'custody is', 'custodies are')} claimed, by the word of ${listed(sayers)}. No record of this case confirms it.`,
        ),
    signed.length === 0
      ? draft.passage(
          `${id}.kept`,
          [from, ...records(received)],
          say`Since then no receipt of a hand-over has been signed: by what is recorded, whoever received it holds it still.`,
        )
      : draft.passage(
          `${id}.after`,
          records(signed),
          say`Since then ${counted(receipts, 'receipt was', 'receipts were')} signed by both sides, each with a key of their own.`,
        ),
    linesTable(id, view, draft),
  );
  if (view.gaps.length === 0) {
    const whole = say`These dates leave no time of delivery ${term(view.accession)} open, up to the checkpoint.`;
    blocks.push(draft.passage(`${id}.whole`, records(view.lines), whole));
  } else {
    const cites = view.gaps.flatMap((gap) => gap.records.map((record) => draft.record(record)));
    const open = draft.figure(
      `${id}.open`,
      view.gaps.length,
      all(`times of delivery ${view.accession} that the dates leave open, up to the checkpoint`, [from, ...cites]),
    );
    blocks.push(
      draft.passage(
        `${id}.gaps`,
        [from, ...records(received)],
        say`${counted(open, 'time', 'times')} of delivery ${term(view.accession)} ${open.value === 1 ? 'is' : 'are'} left open by these dates.`,
        'warning',
      ),
      gapsTable(id, view, draft, from),
    );
  }
  return blocks;
}

function linesTable(id: string, view: CustodyView, draft: Draft): Table {
  return {
    kind: 'table',
    id: `${id}.lines`,
    caption: say`Delivery ${term(view.accession)}: who held it, copies included`,
    rule: 'what was claimed, received, signed and recorded of it, in the order of time',
    denominator: null,
    interval: complete,
    columns: [
      text('From', 0),
      text('Until', 0),
      text('What', 1.3),
      text('By whom, and to whom'),
      text('Who says so', 0.8),
    ],
    rows: view.lines.map((line): Row => ({
      cells: [
        time(line, line.from),
        line.event === 'claimed' ? time(line, line.to) : [],
        what(line),
        who(line),
        listed(line.by),
      ],
      cites: [draft.record(line.record)],
    })),
    cites: view.lines.map(({ record }) => draft.record(record)),
  };
}

function gapsTable(id: string, view: CustodyView, draft: Draft, from: Citation): Table {
  return {
    kind: 'table',
    id: `${id}.open-times`,
    caption: say`Delivery ${term(view.accession)}: times that the dates leave open`,
    rule: 'times between the beginning that is known and the checkpoint, by what the custodies say of them',
    denominator: null,
    interval: complete,
    columns: [text('From', 0), text('Until', 0), text('What is open', 1.3), text('Who may have held it')],
    rows: view.gaps.map(({ kind, from: begin, to, holders, records }): Row => {
      const cites = records.map((record) => draft.record(record));
      return {
        cells: [begin === null ? ['no beginning known'] : [short(begin)], [short(to)], [gaps[kind]], listed(holders)],
        cites: cites.length === 0 ? [from] : cites,
      };
    }),
    cites: [from],
  };
}

function fixityPassage(fixity: DossierInput['fixity'], draft: Draft, { evidence }: Counts): Block {
  const cites: Citation[] = [evidence.fixity];
  const items = draft.figure('fixity.items', fixity.items, all('sealed items that were not destroyed since', cites));
  const checked = draft.figure(
    'fixity.checked',
    fixity.checked,
    all('items whose originals were read again and held against their SHA-256', cites, fixity.items),
  );
  const { newest, oldest } = fixity;
  if (newest === null || oldest === null) {
    return draft.passage(
      'fixity.never',
      cites,
      say`None of ${counted(items, 'original', 'originals')} has been read again since it was sealed. That it still has its bytes is known from the check of this case alone, which anyone can make.`,
    );
  }
  const sound = draft.figure(
    'fixity.sound',
    fixity.checked - fixity.unsound.length,
    all('items whose originals had the bytes that were sealed, when they were read last', cites, fixity.checked),
  );
  return draft.passage(
    'fixity.last',
    cites,
    say`Of ${counted(items, 'original', 'originals')} that should be there, ${checked} (${share(checked)}) were read again since they were sealed, the last on ${instant(newest)}, and the one that was read longest ago on ${instant(oldest)}. When they were read last, ${sound} had the bytes that were sealed.`,
    fixity.unsound.length > 0 ? 'warning' : undefined,
  );
}

function unsoundTable({ unsound }: DossierInput['fixity'], draft: Draft): Table {
  return {
    kind: 'table',
    id: 'fixity.unsound',
    caption: say`Originals that were damaged or missing when they were read last`,
    rule: 'items by what was found in the place of their originals',
    denominator: unsound.length,
    interval: complete,
    columns: [text('Item', 0.5), text('Found', 0.5), text('On')],
    rows: unsound.map(({ item, state, at, record }) => ({
      cells: [[term(item)], [state], [instant(at)]],
      cites: [draft.record(record)],
    })),
    cites: [...new Set(unsound.map(({ record }) => record))].map((record) => draft.record(record)),
  };
}

const instant = (iso: string | null): Span => (iso === null ? 'a day that is not recorded' : term(instantInWords(iso)));
/** An instant as a table has it: to the second, in UTC. */
const short = (iso: string): Span => term(`${iso.slice(0, 10)} ${iso.slice(11, 19)} UTC`);
const quoted = (name: string | null): Span => (name === null ? 'somebody who is not recorded' : given(name));
const joined = (spans: readonly Span[], last = ', '): Span[] =>
  spans.flatMap((span, i) => (i === 0 ? [span] : [i === spans.length - 1 ? last : ', ', span]));
const listed = (names: readonly string[]): Span[] => joined(names.map(given), ' and ');

/** What is claimed stands as precisely as it was said; everything else has an instant. */
const time = ({ event }: CustodyLine, at: string | null): Span[] =>
  event === 'claimed' ? [at === null ? 'not known' : given(at)] : at === null ? [] : [short(at)];

/** Handles of a line that are named; of more the first, and how many is in its record. */
const handlesAtMost = 4;

function what({ event, covers, note }: CustodyLine): Span[] {
  const about = covers.length > handlesAtMost ? [term(covers[0]!), ' and others'] : joined(covers.map(term));
  return [
    events[event],
    ...(covers.length === 0 || event === 'accession' ? [] : [': ', ...about]),
    ...(note === null ? [] : [' (', given(note), ')']),
  ];
}

function who({ giver, holder }: CustodyLine): Span[] {
  const from = giver === null ? [] : [given(giver)];
  const to = holder === null ? [] : [given(holder)];
  return from.length > 0 && to.length > 0 ? [...from, ' to ', ...to] : [...from, ...to];
}

// What stands around the counts: the title page, the summary, method and limits, and how to check it all.
import type { Block, Passage, Section, Span } from './content.ts';
import { command, complete, counted, Draft, given, instantInWords, number, say, share, term, text } from './content.ts';
import type { Counts } from './counts.ts';
import { all } from './counts.ts';
import type { DossierGrouping, DossierInput } from './dossier.ts';

/** Title page, summary, chapters 9 and 10; each is made once. */
export function frameOf(input: DossierInput, draft: Draft, counts: Counts) {
  const {
    view,
    here,
    evidence,
    fromReconciliations,
    received,
    sealed,
    duplicate,
    quarantined,
    pictures,
    byCategory,
    accepted,
    individuals,
    withKey,
    withoutKey,
    looked,
    answered,
    size,
    empty,
    pending,
  } = counts;

  const front = (): Passage[] => [
    draft.passage(
      'front.sealed',
      [here],
      view.checkpoint.signedAt === null
        ? say`Everything said here is computed from the ${counted(size, 'record', 'records')} under one checkpoint of the log of this case. The time at which that checkpoint was signed is not known to this program.`
        : say`Everything said here is computed from the ${counted(size, 'record', 'records')} under one checkpoint of the log of this case, signed on ${term(instantInWords(view.checkpoint.signedAt))} by the clock of the machine that signed it.`,
    ),
    draft.passage(
      'front.what-sealed-means',
      [here],
      say`Sealed means: these records, in this order, are bound together by the root printed above, and any later change to one of them, or to a file that one of them names, can be found by anyone who holds this page.`,
    ),
    ...outsideSigned(),
  ];

  const laterFigure = () =>
    draft.figure(
      'outside.later',
      input.outside.later,
      all(
        'records under this checkpoint after the newest one with a token, tokens left out',
        [evidence.outside],
        view.checkpoint.size,
      ),
    );

  const outsideSigned = (): Passage[] => {
    const { authorities, size: stamped, time, later, witnesses, witnessed } = input.outside;
    const cites = [evidence.outside];
    const passages: Passage[] = [];
    if (stamped === null || time === null) {
      passages.push(
        draft.passage(
          'front.what-sealed-does-not-mean',
          [here],
          say`Sealed does not mean timestamped. No outside authority has yet signed this checkpoint, or an earlier one, so the holder of the key could have made it at another time, or made another one in its place. A copy of the root kept by someone else closes that gap from the day it is kept.`,
        ),
      );
    } else {
      const many = draft.figure(
        'outside.authorities',
        authorities.length,
        all('authorities of time whose tokens stand over the newest checkpoint that has any', cites),
      );
      const under = draft.figure(
        'outside.stamped',
        stamped,
        all('records under the newest checkpoint that an authority of time has signed', cites, view.checkpoint.size),
      );
      const rest =
        later === 0
          ? say`Nothing but such tokens was written down since.`
          : say`Of the ${counted(laterFigure(), 'record', 'records')} written down since, tokens left out, no authority has said anything: the holder of the key could have made ${later === 1 ? 'it' : 'them'} at another time.`;
      const names = authorities.flatMap((name, i): Span[] => [...(i === 0 ? [] : [', ']), given(name)]);
      passages.push(
        draft.passage(
          'front.what-sealed-does-not-mean',
          [here, ...cites],
          [
            ...say`Sealed does not mean timestamped. ${counted(many, 'outside authority of time has', 'outside authorities of time have')} signed the checkpoint over the first ${under} of these records (${names}): they stood, in this order, by ${term(instantInWords(time))}. `,
            ...rest,
          ],
        ),
      );
    }
    if (witnesses > 0 && witnessed !== null) {
      const seen = draft.figure(
        'outside.witnesses',
        witnesses,
        all('witnesses that have cosigned a checkpoint', cites),
      );
      const over = draft.figure(
        'outside.witnessed',
        witnessed,
        all('records under the newest checkpoint that a witness has cosigned', cites, view.checkpoint.size),
      );
      passages.push(
        draft.passage(
          'front.witnessed',
          cites,
          say`${counted(seen, 'outside witness has', 'outside witnesses have')} cosigned a checkpoint of this log, the newest over its first ${counted(over, 'record', 'records')}: they have seen that until then it had only grown.`,
        ),
      );
    }
    return passages;
  };

  const summary = (): Section => ({
    id: 'summary',
    mark: '',
    title: 'What this dossier says, and what it does not say',
    blocks: [
      {
        kind: 'box',
        parts: [
          {
            title: 'It says',
            passages: empty
              ? [
                  draft.passage(
                    'summary.empty',
                    [evidence.received],
                    say`Nothing had been received in this case when the checkpoint was signed.`,
                  ),
                ]
              : [
                  draft.passage(
                    'summary.received',
                    fromReconciliations,
                    say`${counted(received, 'file was', 'files were')} received. ${sealed} of them were sealed, ${duplicate} repeat a sealed file byte for byte, and ${quarantined} could not be had whole and are listed with the reason.`,
                  ),
                  draft.passage(
                    'summary.partition',
                    [evidence.categories],
                    say`Of ${counted(pictures, 'sealed picture', 'sealed pictures')}, ${byCategory.detainee} (${share(byCategory.detainee)}) are proposed as showing a detainee. The proposal is made by patterns over paths; a person has said what ${counted(accepted, 'picture shows', 'pictures show')}.`,
                  ),
                  draft.passage(
                    'summary.individuals',
                    [evidence.individuals],
                    answered === null
                      ? say`The paths of ${withKey} of those pictures name ${counted(individuals, 'individual', 'individuals')} by number; ${withoutKey} carry no complete number and are not counted.`
                      : say`The paths of ${withKey} of those pictures, and what people read in them, name ${counted(individuals, 'individual', 'individuals')} by number; ${withoutKey} carry no complete number and are not counted.`,
                  ),
                ],
          },
          {
            title: 'It does not say',
            passages: [
              draft.passage(
                'summary.not-cause',
                [here],
                say`How, when or where anyone died, or how many people died. No finding on cause of death is made.`,
                'limit',
              ),
              draft.passage(
                'summary.not-names',
                [here],
                say`Who anyone is. An individual here is a set of pictures that carry the same numbers; the numbers were given by those who held them, and are their claim.`,
              ),
              draft.passage(
                'summary.not-proof',
                [here],
                say`That a picture shows what its path says. What a machine read is a proposal until a person accepts it.`,
              ),
            ],
          },
        ],
      },
      ...(pending > 0 ? [pendingPassage()] : []),
    ],
  });

  const pendingPassage = (): Passage => {
    const open = draft.figure(
      'pending',
      pending,
      all('items that a stage of the work has not reached, summed over the stages', [here]),
    );
    return draft.passage(
      'summary.pending',
      [here],
      say`This edition is not complete: for ${counted(open, 'item', 'items')} a stage of the work was still pending when the checkpoint was signed. The numbers that follow are true of what was done by then.`,
      'warning',
    );
  };

  /** What was read, by whom. */
  const howRead = (): Span[] => {
    const names = say`Numbers were read from folder and file names by the patterns of this case. `;
    const people = answered === null ? [] : say`People have read ${counted(answered, 'number', 'numbers')} on cards. `;
    const cards =
      looked === null
        ? say`The machine has read no card in a picture. `
        : say`A program has looked for numbers on cards in ${looked} of the pictures that it can look into (${share(looked)}). `;
    return [...names, ...cards, ...people, ...say`No face has been read. `];
  };

  /** Of the pictures that are put to an individual, how many for which reason. */
  const byReason = (): Block[] => {
    const { counted: sure, provisional } = input.grouping;
    const rows = [
      ...Object.entries(sure).map(([reason, n]) => [reasonWords[reason]!, 'counted', n] as const),
      ...Object.entries(provisional).map(([reason, n]) => [provisionalWords[reason]!, 'provisional', n] as const),
    ].filter(([, , n]) => n > 0);
    if (rows.length === 0) return [];
    return [
      {
        kind: 'table',
        id: 'method.reasons',
        caption: say`Pictures put to an individual, by reason`,
        rule: 'pictures that have the reason; one picture may have several, and one that has any reason to be counted is counted',
        denominator: view.pictures,
        interval: complete,
        columns: [text('Reason'), text('Then it is', 0), number('Pictures')],
        rows: rows.map(([words, state, n]) => ({ cells: [[words], [state], n], cites: [] })),
        cites: [evidence.individuals],
      },
    ];
  };

  const method = (): Section => ({
    id: 'method',
    mark: '9',
    title: 'Method and limits',
    blocks: [
      draft.passage(
        'method.received',
        [evidence.received],
        say`Every file was read once, hashed with ${term('SHA-256')} and copied in the same read; the copy is what was sealed. No copy has been altered since, and none is shown in this dossier.`,
      ),
      draft.passage(
        'method.described',
        [evidence.described],
        say`A program then noted what each file says of itself: its format by content, its dimensions, what the camera wrote. What a camera writes can be wrong, or changed by whoever held the file.`,
      ),
      draft.passage(
        'method.grouped',
        [evidence.settings, evidence.individuals],
        [...howRead(), ...howGrouped(input.grouping, answered !== null)],
      ),
      ...byReason(),
      draft.passage(
        'method.proposal',
        [here],
        say`What a machine read, sorted or grouped is a proposal, and is called so until a person accepts it.`,
        'limit',
      ),
      draft.passage(
        'method.cause',
        [here],
        say`No finding on cause of death is made in this dossier. None can be made from photographs alone.`,
        'limit',
      ),
      draft.passage(
        'method.edition',
        [here],
        say`Paths are printed as they were received and may carry names. This edition is for those who may see them; it is not for publication.`,
        'limit',
      ),
    ],
  });

  const checking = (): Section => ({
    id: 'checking',
    mark: '10',
    title: 'How to check this dossier',
    blocks: [
      draft.passage(
        'checking.brackets',
        [here],
        say`The marks in brackets lead to the evidence: ${term('[r …]')} is a record, by its position in the log; ${term('[s …]')} is a set of records, described in the annex of records; ${term('[c]')} is the checkpoint as a whole. Under one root, a position names exactly one record.`,
      ),
      draft.passage(
        'checking.verify',
        [here],
        say`With the case folder or an exported bundle, the command ${command('dalil verify <case or bundle>')} recomputes every hash, signature and root, without a network. It ends with success only if everything agrees, and else names what does not.`,
      ),
      draft.passage(
        'checking.root',
        [here],
        say`Compare the root that it prints with the root on the first page. If they are equal, the records are those that this dossier was computed from.`,
      ),
      draft.passage(
        'checking.again',
        [here],
        say`This file is computed from the checkpoint, the edition and the template, and from nothing else: the same three give it again, byte for byte, on any machine.`,
      ),
      draft.passage(
        'checking.stranger',
        [here],
        say`Nobody has to trust the program for this. The records are signed tokens (${term('SD-JWT, RFC 9901')}), the log is a public tree format (${term('RFC 6962')}), and the files are named by ${term('SHA-256')}; other tools read all three.`,
      ),
    ],
  });

  return { front, summary, method, checking };
}

const reasonWords: Record<string, string> = {
  path: 'its paths give the key',
  near: 'it nearly repeats a picture that has one',
  settled: 'a person has read the number in it',
  placed: 'a person has put it there',
  linked: 'a person has linked it to a picture that has one',
};
const provisionalWords: Record<string, string> = {
  card: 'cards that the machine read, and that agree',
  sequence: 'it was taken between or beside pictures of one',
  linked: 'a person has linked it to a provisional picture',
};

/** For which reasons, of all that are in use in this case, two pictures belong to one individual. */
function howGrouped({ counted: sure, provisional, read }: DossierGrouping, answered: boolean): Span[] {
  const decided = answered || sure.placed > 0 || sure.linked > 0;
  const machine = read > 0 || Object.values(provisional).some((n) => n > 0);
  const people = decided ? ', or where a person has read its number, placed it or linked it' : '';
  const only = machine
    ? ' Numbers on cards that agree in pictures taken together, and what lies beside them, put a picture to an individual provisionally, and into no count. There is no other reason.'
    : ', and for no other reason.';
  const rule =
    'Two pictures belong to one individual where their keys are equal, or where one without a key nearly repeats one that has it';
  return [`${rule}${people}${machine ? '.' : ''}${only}`];
}

// What stands around the counts: the title page, the summary, method and limits, and how to check it all.
import type { Passage, Section } from './content.ts';
import { command, counted, Draft, instantInWords, say, share, term } from './content.ts';
import type { Counts } from './counts.ts';
import { all } from './counts.ts';

/** Title page, summary, chapters 9 and 10; each is made once. */
export function frameOf(draft: Draft, counts: Counts) {
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
    draft.passage(
      'front.what-sealed-does-not-mean',
      [here],
      say`Sealed does not mean timestamped. No outside authority has yet signed this checkpoint, so the holder of the key could have made it at another time, or made another one in its place. A copy of the root kept by someone else closes that gap from the day it is kept.`,
    ),
  ];

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
                    say`The paths of ${withKey} of those pictures name ${counted(individuals, 'individual', 'individuals')} by number; ${withoutKey} carry no complete number and are not counted.`,
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
        say`Numbers were read from folder and file names by the patterns of this case. No card in a picture and no face has been read. Two pictures belong to one individual where their keys are equal, or where one without a key nearly repeats one that has it, and for no other reason.`,
      ),
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

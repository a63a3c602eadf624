// What a person did, as a record: the one way in which a door writes down what somebody looked at, looked for or took
// out. The record is sealed before its answer leaves, so nothing is shown that the log does not say was shown.
import type { OpenCase } from '../log/case.ts';
import type { Draft } from '../log/log.ts';
import type { LoggedRecord } from '../log/logged.ts';

/**
 * Writes one record in the name of `opened.actor` and gives it, sealed. Over the API `opened` is the case as the person
 * works on it (`caseOf`), so that kinds which their roles do not cause are refused: Fault `no-permission`.
 *
 * Conventions for kinds of acts: `<stage>.<noun>` (`protect.search`, `protect.exposure`); what was acted on as ids in
 * `refs`, never as a handle alone; no address, browser or session; texts that a person typed only where the record is
 * about them (a search says what was looked for). Each kind has its schema in records.ts, its line in record.md, its
 * rule in src/server/policy.ts and its rows in a projection.
 */
export async function recordAct(opened: OpenCase, draft: Draft): Promise<LoggedRecord> {
  const [record] = await opened.log.append(opened.actor, (turn) => void turn.add(draft));
  return record!;
}

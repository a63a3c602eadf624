// What the vault shows without being opened: who opens it, under which pseudonyms it holds what, and when it was opened.
import type { OpenCase } from '../log/case.ts';
import type { ProtectTables } from './project.ts';
import { keptRecord } from './records.ts';
import { readRecords, readVault } from './vault.ts';

export interface VaultView {
  /** null before one was made. */
  vault: { recipient: string; threshold: number; guardians: string[]; at: string } | null;
  /** By pseudonym: how many things of each kind. */
  sources: { pseudonym: string; holds: Record<string, number> }[];
  /** Newest first. */
  openings: ProtectTables['vault_opening'][];
}

export async function viewVault(opened: OpenCase): Promise<VaultView> {
  const vault = await readVault(opened);
  const index = opened.index.kysely<ProtectTables>();
  const known = await index.selectFrom('protected_source').select('pseudonym').orderBy('position').execute();
  const openings = await index.selectFrom('vault_opening').selectAll().orderBy('position', 'desc').execute();
  const sources = new Map(known.map(({ pseudonym }) => [pseudonym, {} as Record<string, number>]));
  for (const { kind, fields } of await readRecords(opened, ['protect.source', 'protect.kept'])) {
    const holds = sources.get(String(fields['pseudonym']));
    const what = kind === 'protect.source' ? 'identity' : keptRecord.parse(fields).what;
    if (holds !== undefined) holds[what] = (holds[what] ?? 0) + 1;
  }
  return {
    vault: vault && {
      recipient: vault.recipient,
      threshold: vault.threshold,
      guardians: vault.guardians.map(({ name }) => name),
      at: vault.at,
    },
    sources: [...sources].map(([pseudonym, holds]) => ({ pseudonym, holds })),
    openings: openings.map((opening) => ({ ...opening, position: Number(opening.position) })),
  };
}

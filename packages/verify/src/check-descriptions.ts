// Checks the descriptions of a bundle for other tools (RO-Crate, CASE/UCO): they are made again from the records, and must
// be the same bytes. So a laboratory that reads them is told nothing that the signed records do not say.
import { openSha256, toHex } from '#engine';
import { caseUco, caseUcoPath } from './case-uco.ts';
import type { BagContents } from './check-bag.ts';
import { encodePieces, type BundleDescription, type DescribedBundle, type DisclosedRecord } from './disclosed.ts';
import type { Findings } from './findings.ts';
import { roCrate, roCratePath } from './ro-crate.ts';

/** Where each description lies. */
export const descriptionPaths = [roCratePath, caseUcoPath] as const;

const utf8 = new TextEncoder();

export class DescriptionCheck {
  readonly #made: { path: string; description: BundleDescription; hash: ReturnType<typeof openSha256> }[];

  constructor(about: DescribedBundle) {
    const made = (path: string, description: BundleDescription) => ({ path, description, hash: openSha256() });
    this.#made = [made(roCratePath, roCrate(about)), made(caseUcoPath, caseUco(about))];
    if (about.carries('dossier/dossier-2.pdf'))
      this.#firstVolume = roCrate({ ...about, carries: ofFirstVolume(about) });
  }

  /** The crate as bundles had it until 0.1.0, which named the first volume of a dossier alone; null where it is the same. */
  #firstVolume: BundleDescription | null = null;

  /** To be called with every disclosed record, in the order of the log. */
  see(record: DisclosedRecord): void {
    this.#firstVolume?.see(record);
    for (const { description, hash } of this.#made) {
      const text = description.see(record);
      if (text !== '') hash.update(utf8.encode(text));
    }
  }

  /** Compares them, where nothing was found wrong before: what broken records give says nothing more. */
  judge(bag: BagContents, findings: Findings): void {
    const { sound } = findings;
    for (const { path, description, hash } of this.#made) {
      const found = bag.sha256(path);
      if (found === null) findings.problem('payload-missing', path, 'a description for other tools is missing');
      if (found === null || !sound) continue;
      for (const piece of encodePieces(description.end())) hash.update(piece);
      if (toHex(hash.digest()) !== found && !(path === roCratePath && this.#isEarlier(found))) {
        findings.problem('payload-altered', path, 'it says something else than the records do');
      }
    }
  }

  #isEarlier(found: string): boolean {
    if (this.#firstVolume === null) return false;
    const hash = openSha256();
    for (const piece of encodePieces(this.#firstVolume.end())) hash.update(piece);
    return toHex(hash.digest()) === found;
  }
}

const ofFirstVolume =
  ({ carries }: DescribedBundle): DescribedBundle['carries'] =>
  (path) =>
    !/^dossier\/dossier-\d+\.pdf$/.test(path) && carries(path);

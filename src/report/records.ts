// The words of reporting: that a dossier was built, that a bundle was exported. Both are written down afterwards: the
// dossier itself is a function of the checkpoint before it.
import { z } from 'zod';

/** `kind: report.dossier`; `files.<n>`: volume n as a derivative, `files.content`: what it says, as data. */
export const dossierRecord = z.object({
  dossier: z.string(),
  edition: z.number().int(),
  template: z.number().int(),
  checkpoint: z.object({ size: z.number().int(), root: z.string() }),
  pages: z.number().int(),
});
export type DossierRecord = z.infer<typeof dossierRecord>;

/** `kind: report.bundle`: a dissemination. Where it was written to stays on this machine. */
export const bundleRecord = z.object({
  format: z.string(),
  checkpoint: z.object({ size: z.number().int(), root: z.string() }),
  records: z.number().int(),
  carried: z.number().int(),
  withheld: z.number().int(),
  /** SHA-256 of the bag's tag manifest, which covers every file of it. */
  manifest: z.string(),
});

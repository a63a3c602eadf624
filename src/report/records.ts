// The words of reporting: that a dossier was built, a picture redacted, a bundle exported, all written down afterwards,
// since the dossier is a function of the checkpoint before it; and what a bundle ends with, written down before.
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
  /** What was chosen to be disclosed: items by their handles, fields by name; absent where it was everything. */
  selection: z
    .object({
      items: z.array(z.string()).optional(),
      fields: z.union([z.object({ only: z.array(z.string()) }), z.object({ without: z.array(z.string()) })]).optional(),
      redacted: z.boolean().optional(),
    })
    .optional(),
  carried: z.number().int(),
  withheld: z.number().int(),
  /** SHA-256 of the bag's tag manifest, which covers every file of it. */
  manifest: z.string(),
});

/**
 * `kind: report.inventory`: the last record under a bundle's checkpoint. `refs.reconciliations`: the newest of each
 * accession; `refs.deaccessions`, `refs.revocations`: all.
 */
export const inventoryRecord = z.object({
  /** How many items the case has, destroyed ones included. */
  items: z.number().int(),
  /** Reason -> how many items were destroyed for it. */
  destroyed: z.record(z.string(), z.number().int()),
});
export type InventoryRecord = z.infer<typeof inventoryRecord>;

/** What an inventory reads of a `seal.deaccession`. */
export const deaccessionCounts = z.object({ reason: z.string(), count: z.number().int() });

/**
 * `kind: report.redaction`, a handle `R-`, `refs.item`, `files.derivative`: a copy of the item's picture with what may
 * not be seen painted over. It cites the original by its salted record alone.
 */
export const redactionRecord = z.object({
  operation: z.object({
    /** In pixels of the picture as shown, upright and at full size. */
    boxes: z.array(z.object({ x: z.number(), y: z.number(), width: z.number(), height: z.number() })),
    width: z.number().int().nullable(),
    encoder: z.string(),
  }),
  picture: z.object({ type: z.string(), width: z.number().int(), height: z.number().int() }),
});

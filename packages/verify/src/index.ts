// Formats and checks: records (SD-JWT), Merkle tree, tiles, checkpoints, proofs, cases and bundles. No dependency.
export * from './case-file.ts';
export * from './commit.ts';
export * from './merkle.ts';
export * from './note.ts';
export * from './problem.ts';
export * from './proof.ts';
export * from './record.ts';
export * from './sd-jwt.ts';
export * from './tile.ts';
export { fromBase64, fromBase64url, fromHex, sha256, toBase64, toBase64url, toHex } from '#engine';
export * from './bag.ts';
export * from './bundle-file.ts';
export * from './check-bundle.ts';
export { bagDeclaration } from './check-bag.ts';
export * from './check-case.ts';
export * from './files.ts';
export * from './inventory.ts';
export * from './tag-files.ts';

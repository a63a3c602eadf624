// What pixels and files say: perceptual hash, near duplicates, format by content, JPEG signatures. Pure functions over
// bytes, without a dependency and without Node, so that others can use them alone.

export * from './align.ts';
export * from './cards/index.ts';
export * from './format.ts';
export * from './heif.ts';
export * from './jpeg.ts';
export * from './jpeg-source.ts';
export * from './near.ts';
export * from './pdq.ts';
export * from './text.ts';
export * from './thumbnail-match.ts';
export * from './turn.ts';

// Numbers on cards: from a detector's map and a picture's luma to readings. Pure; weights and sessions are handed in.
export { textBoxes, type TextBox } from './boxes.ts';
export type { Grey } from './line.ts';
export { unpackWeights, type Weights } from './network.ts';
export { readNumbers, type NumberReading } from './read.ts';
export { carrierOf } from './carrier.ts';
export { rolesOf, type NumberRule } from './roles.ts';

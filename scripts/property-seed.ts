// The seed of every property test, so that the same commit gives the same result on every machine: a new counterexample
// turns up where somebody looks for one (`PROPERTY_SEED=random npm test`), not in front of a change that has no part in it.
import fc from 'fast-check';

const seed = process.env['PROPERTY_SEED'] ?? '20261125';
if (seed !== 'random') fc.configureGlobal({ seed: Number(seed) });

// Numbers agreed on by several pictures. Each picture's reader gives a calibrated probability; pictures of one body show
// the same card, so readings that coincide speak for each other, and readings that differ against each other.
//
// The model: a product of the witnesses' odds. A hypothesis v has the score  sum over witnesses k of w(k) * ln p(v|k),
// and its probability is exp(score) over the sum of all hypotheses. p(v|k) is what witness k gives v; what it gives to no
// named value is spread over `elsewhere` unnamed ones. Readers err alike on one card (a smudge, a hand), so only the
// strongest witness counts in full, the others with `dependence`, and no more than `mostWitnesses` count. Copies of one
// picture (near-duplicates) are one witness. One or two witnesses are at most as sure as `surestAlone`.

/** What one picture says of one role: values with probabilities that sum to at most 1. */
export interface Witness {
  /** Pictures that are copies of each other share it. */
  copyOf: string;
  /** Where the crop is: item and place of the reading in it. */
  item: string;
  n: number;
  values: readonly { value: string; probability: number }[];
}

export interface Agreement {
  value: string;
  probability: number;
  /** Pictures that count, copies once. */
  witnesses: number;
  /** The witness whose crop is to be shown. */
  item: string;
  n: number;
}

/** Weight of each witness after the strongest. 0 would be one witness only, 1 independence. */
export const dependence = 0.5;
export const mostWitnesses = 6;
/**
 * Pictures of one card err alike, so fewer than `fewestSure` are no surer together than one may be alone, and none of
 * them is provisional: on the seeds cal-1, dev-a, unseen-1 and dev-b 3 of 14 numbers of one picture and 2 of 23 on which
 * two agreed were wrong at 0.9 and more, and 1 of 419 on which three or more did (Wilson 95 %: 0.04 to 1.3 %).
 */
export const surestAlone = 0.95;
export const fewestSure = 3;
/** How many wrong values a misreading spreads over: confusable digits, not all numbers. Small is cautious. */
export const elsewhere = 40;
/** No agreement of machines is surer than this: 418 of 419 were right. */
export const surest = 0.997;

/**
 * From here a number is used for grouping before a person has seen it, marked provisional. Fixed on the seeds above, so
 * that at least 99.5 % are right; agreement.test.ts measures it on a simulated reader, bench/cards.ts on an unseen seed.
 */
export const provisionalFrom = 0.985;

export const agreementRule =
  `a product of the pictures' odds, the strongest in full, up to ${mostWitnesses} others at ${dependence}, copies once, ` +
  `each, and fewer than ${fewestSure} together, at most ${surestAlone}, what was read differently spread over ${elsewhere} values, at most ${surest}; provisional from ${provisionalFrom}`;

/** What these pictures say together of one role; null where none says anything. */
export function agree(witnesses: readonly Witness[]): Agreement | null {
  const copies = new Map<string, Witness>();
  for (const witness of witnesses) {
    if (witness.values.length === 0) continue;
    const known = copies.get(witness.copyOf);
    if (known === undefined || before(witness, known)) copies.set(witness.copyOf, witness);
  }
  const counted = [...copies.values()]
    .toSorted((a, b) => (before(a, b) ? -1 : 1))
    .slice(0, mostWitnesses)
    .map(doubted);
  if (counted.length === 0) return null;
  const hypotheses = [...new Set(counted.flatMap(({ values }) => values.map(({ value }) => value)))].toSorted();
  const scores = hypotheses.map((value) =>
    counted.reduce((sum, witness, k) => sum + (k === 0 ? 1 : dependence) * Math.log(given(witness, value)), 0),
  );
  // The unnamed values together: what every witness leaves over.
  const none =
    Math.log(elsewhere) +
    counted.reduce((sum, witness, k) => sum + (k === 0 ? 1 : dependence) * Math.log(unnamed(witness)), 0);
  const top = Math.max(...scores, none);
  const total = [...scores, none].reduce((sum, score) => sum + Math.exp(score - top), 0);
  const best = scores.indexOf(Math.max(...scores));
  const value = hypotheses[best]!;
  const shown = counted.find(({ values }) => strongest(values).value === value) ?? counted[0]!;
  return {
    value,
    // Six digits: logarithms may differ in the last bits from one engine to the next, records must not.
    probability: Math.min(
      counted.length < fewestSure ? surestAlone : surest,
      Math.round((Math.exp(scores[best]! - top) / total) * 1e6) / 1e6,
    ),
    witnesses: counted.length,
    item: shown.item,
    n: shown.n,
  };
}

const strongest = (values: Witness['values']) => values.reduce((a, b) => (b.probability > a.probability ? b : a));

/** The same witness, no surer than any picture alone may be. */
function doubted(witness: Witness): Witness {
  const share = Math.min(1, surestAlone / strongest(witness.values).probability);
  const values = witness.values.map(({ value, probability }) => ({ value, probability: probability * share }));
  return { ...witness, values };
}

/** An order that depends on nothing but what was read. */
function before(a: Witness, b: Witness): boolean {
  const [x, y] = [strongest(a.values).probability, strongest(b.values).probability];
  return x !== y ? x > y : a.item !== b.item ? a.item < b.item : a.n < b.n;
}

/** The share of one unnamed value. No reader is certain: a thousandth is always left over. */
function unnamed({ values }: Witness): number {
  return Math.max(0.001, 1 - values.reduce((sum, { probability }) => sum + probability, 0)) / elsewhere;
}

function given(witness: Witness, value: string): number {
  const named = witness.values.find((one) => one.value === value)?.probability;
  return Math.max(named ?? 0, unnamed(witness));
}

// Where a series begins again: numbers that were high, and from some day on are low and rise anew.

const side = 5;

/**
 * Places in numbers in the order of their dates at which the series was set back: from there on the middle of the next
 * five lies below the middle of the five before by more than half of the range since the last such place, and below all
 * but one of those five. Five on either side, so that one misread number or date is not taken for one.
 */
export function findResets(numbers: readonly number[]): number[] {
  const resets: number[] = [];
  for (let at = side, since = 0; at + side <= numbers.length; at++) {
    if (at - since < side) continue;
    const before = numbers.slice(at - side, at).toSorted((a, b) => a - b);
    const after = numbers.slice(at, at + side).toSorted((a, b) => a - b);
    let [least, most] = [Infinity, -Infinity];
    for (const number of numbers.slice(since, at)) [least, most] = [Math.min(least, number), Math.max(most, number)];
    const middle = side >> 1;
    const falls = before[middle]! - after[middle]! > (most - least) / 2 && after.at(-2)! < before[1]!;
    if (falls && numbers[at]! < before[middle]! && numbers[at - 1]! > after[middle]!) {
      resets.push(at);
      since = at;
    }
  }
  return resets;
}

// Which number on a card is which, by the grammar that a case gives: a pattern for each role, and on one card the larger
// line takes the earlier role.

export interface NumberRule<R extends string = string> {
  role: R;
  /** A regular expression, flag u, that the whole value must match: Latin digits, '/' and a letter. */
  pattern: string;
  /** Bounds of the value as a number, up to its suffix. */
  min?: number | undefined;
  max?: number | undefined;
}

/** The role of each line of one card, or null where the grammar cannot tell. Throws a SyntaxError at a bad pattern. */
export function rolesOf<R extends string>(
  lines: readonly { value: string; height: number }[],
  grammar: readonly NumberRule<R>[],
): (R | null)[] {
  const fits = lines.map(({ value }) =>
    grammar.filter(({ pattern, min, max }) => {
      if (!new RegExp(`^(?:${pattern})$`, 'u').test(value)) return false;
      const number = Number.parseInt(value, 10);
      return (min === undefined || number >= min) && (max === undefined || number <= max);
    }),
  );
  const out: (R | null)[] = lines.map(() => null);
  // First what can be one thing only: on strips of one tape all lines are equally high.
  const only = (k: number): number => (fits[k]!.length === 1 ? 0 : 1);
  const order = lines.map((_, k) => k).toSorted((a, b) => only(a) - only(b) || lines[b]!.height - lines[a]!.height);
  for (const k of order) {
    const left = fits[k]!.filter(({ role }) => !out.includes(role));
    // A line that two roles would take is nobody's, unless another line is there for the other: else, where the larger
    // line was not read, the smaller would pass for it.
    const other = lines.some(
      (_, j) =>
        j !== k && out[j] === null && fits[j]!.some(({ role }) => left.some((one, n) => n > 0 && one.role === role)),
    );
    if (left.length === 1 || (left.length > 1 && other)) out[k] = left[0]!.role;
  }
  return out;
}

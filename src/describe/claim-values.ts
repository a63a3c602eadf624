// The raw values of a claim without what betrays whoever held the phone: beside the names of people (metadata-names.ts) the
// numbers and networks of the device. A witness who sent a proof is a source, and the original keeps everything.
import type { Json } from '../case/json.ts';
import { plainJson } from './metadata.ts';
import { withholdNames } from './metadata-names.ts';

const device = /^(?:device ?id|(?:wi-?fi ?)?mac|wi-?fis?|ipv?[46]|cells?(?: ?info)?|network)$/i;

/** Values, at most `limit` characters of them; and the names of those that were left out. */
export function claimValues(
  said: Readonly<Record<string, unknown>>,
  limit: number,
): { values: Record<string, Json>; cut: boolean; withheld: string[] } {
  const empty = (value: unknown): boolean => value === '' || value === null || value === 'none';
  const ofDevice = Object.keys(said).filter((name) => device.test(name) && !empty(said[name]));
  const rest = Object.fromEntries(Object.entries(said).filter(([name]) => !device.test(name) || empty(said[name])));
  const budget = { left: limit, cut: false };
  const { tags, withheld } = withholdNames((plainJson(rest, budget) ?? {}) as Record<string, Json>);
  return { values: tags, cut: budget.cut, withheld: [...ofDevice, ...withheld] };
}

// What a text says of itself without being read: how long it is and in which script, Arabic or Latin (Unicode 15,
// property Script).

export type Script = 'arabic' | 'latin' | 'mixed' | 'other' | 'none';

export interface TextFacts {
  /** Unicode characters (code points), a byte order mark apart. */
  characters: number;
  /** Of the letters in the first 64 Ki units: 'mixed' where Arabic and Latin both make at least a twentieth of the two. */
  script: Script;
}

const sampled = 65_536;

/** Length and script of a text in an encoding that `formatOf` names. Undecodable bytes count as one character each. */
export function textFacts(bytes: Uint8Array, charset: string): TextFacts {
  const text = new TextDecoder(charset).decode(bytes);
  let characters = 0;
  // The second half of a surrogate pair does not count.
  for (let i = 0; i < text.length; i++) if ((text.charCodeAt(i) & 0xfc00) !== 0xdc00) characters++;
  return { characters, script: scriptOf(text.slice(0, sampled)) };
}

function scriptOf(text: string): Script {
  const count = (pattern: RegExp): number => text.match(pattern)?.length ?? 0;
  const arabic = count(/(?=\p{L})\p{Script=Arabic}/gu);
  const latin = count(/(?=\p{L})\p{Script=Latin}/gu);
  if (arabic + latin === 0) return count(/\p{L}/gu) > 0 ? 'other' : 'none';
  const share = arabic / (arabic + latin);
  if (share >= 0.95) return 'arabic';
  return share <= 0.05 ? 'latin' : 'mixed';
}

// What is left out of the record of metadata, so that describing betrays nobody: who owns a camera or wrote a text, who
// is named as shown, and the names of accounts in paths. The original keeps all of it, and only there can it be read.
import type { Json } from '../case/json.ts';

const person =
  /(?:owner|artist|author|creator(?!tool)|by-?line|credit|copyright|rights|person|people|contact|writer|photographer|(?:first|last|full|user|account|computer|host)name|hostcomputer|nickname|e-?mail|phone|company|manager|lastmodifiedby|lastsavedby|registeredto|imei|macaddress|address|regioninfo|regionname|regionsmp|subjectname|fromname|toname|recipient|printed-?by)/i;
/** Tags of colour profiles and formats that the pattern would take for people. */
const harmless = /^(?:ICC|PNG:.*Profile|.*:(?:ProfileCreator|ProfileCopyright|PrimaryPlatform|CopyrightFlag)$)/;
const account = /((?:\/|\\)(?:Users|home|Documents and Settings)(?:\/|\\))[^\\/"<>|:*?]+/gi;

/** Whether the values of this tag ('group:name') are names of people, or lead to them. */
export function namesPeople(tag: string): boolean {
  return person.test(tag.slice(tag.lastIndexOf(':') + 1)) && !harmless.test(tag);
}

/** The tags without those that name people, and without the account in any path; and which tags these were. */
export function withholdNames(tags: Readonly<Record<string, Json>>): {
  tags: Record<string, Json>;
  withheld: string[];
} {
  const withheld: string[] = [];
  const visit = (name: string, value: Json): Json | undefined => {
    if (namesPeople(name) && value !== '' && value !== null) {
      withheld.push(name);
      return undefined;
    }
    if (typeof value === 'string') {
      const blanked = value.replace(account, '$1…');
      if (blanked !== value) withheld.push(name);
      return blanked;
    }
    if (Array.isArray(value)) return value.map((one) => visit(name, one) ?? null);
    if (value === null || typeof value !== 'object') return value;
    const inner = Object.entries(value).map(([key, one]) => [key, visit(`${name}:${key}`, one as Json)] as const);
    return Object.fromEntries(inner.filter(([, one]) => one !== undefined)) as Json;
  };
  const kept = Object.entries(tags).map(([name, value]) => [name, visit(name, value)] as const);
  return {
    tags: Object.fromEntries(kept.filter(([, value]) => value !== undefined)) as Record<string, Json>,
    withheld: [...new Set(withheld)],
  };
}

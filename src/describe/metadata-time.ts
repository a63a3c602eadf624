// Times as cameras and programs write them (Exif 2.32, XMP): kept as the local time that was written, with as much
// precision and with the zone that were stated. Nothing is converted, and no zone is guessed.

/** A time that was written, before it is known where from. */
export interface WrittenTime {
  /** Local: 'YYYY', 'YYYY-MM', 'YYYY-MM-DD', 'YYYY-MM-DDTHH:MM', '…:SS' or '…:SS.f' with 1 to 9 digits. */
  value: string;
  /** '+hh:mm' or '-hh:mm' where the zone was stated; null where not. */
  zone: string | null;
  precision: 'year' | 'month' | 'day' | 'minute' | 'second' | 'fraction';
}

const form =
  /^\s*(\d{4})(?:[:/-](\d\d)(?:[:/-](\d\d)(?:[ T](\d\d):(\d\d)(?::(\d\d)(?:\.(\d{1,9})\d*)?)?)?)?)?\s*(Z|[+-]\d\d:?\d\d)?(?:\0.*)?\s*$/;

/** Parses a time; `fraction` and `offset` are what Exif writes in tags of their own. Null for what is no time. */
export function writtenTime(time: unknown, fraction?: unknown, offset?: unknown): WrittenTime | null {
  const found = typeof time === 'string' ? form.exec(time) : null;
  if (found === null) return null;
  const [, year, month, day, hour, minute, second, inline, zone] = found;
  if (!onCalendar(Number(year), Number(month ?? 1), Number(day ?? 1))) return null;
  if (Number(hour ?? 0) > 23 || Number(minute ?? 0) > 59 || Number(second ?? 0) > 60) return null;
  const date = [year, month, day].filter((part) => part !== undefined).join('-');
  if (hour === undefined) {
    return { value: date, zone: null, precision: day !== undefined ? 'day' : month !== undefined ? 'month' : 'year' };
  }
  const stated = zoneOf(zone) ?? zoneOf(offset);
  if (second === undefined) return { value: `${date}T${hour}:${minute}`, zone: stated, precision: 'minute' };
  const value = `${date}T${hour}:${minute}:${second}`;
  const digits = inline ?? /^\s*(\d{1,9})[\0\s]*$/.exec(String(fraction ?? ''))?.[1];
  return digits === undefined
    ? { value, zone: stated, precision: 'second' }
    : { value: `${value}.${digits}`, zone: stated, precision: 'fraction' };
}

/** An offset from UTC as '+hh:mm', of a text or of minutes; null for what is none. */
export function zoneOf(offset: unknown): string | null {
  if (typeof offset === 'number' && Number.isInteger(offset) && Math.abs(offset) <= 14 * 60) {
    const minutes = Math.abs(offset);
    const two = (n: number): string => String(n).padStart(2, '0');
    return `${offset < 0 ? '-' : '+'}${two(Math.floor(minutes / 60))}:${two(minutes % 60)}`;
  }
  if (typeof offset !== 'string') return null;
  const found = /^\s*(?:(Z)|([+-])(0\d|1[0-4]):?([0-5]\d))[\0\s]*$/.exec(offset);
  if (found === null) return null;
  return found[1] === undefined ? `${found[2]}${found[3]}:${found[4]}` : '+00:00';
}

function onCalendar(year: number, month: number, day: number): boolean {
  if (year === 0 || month < 1 || month > 12 || day < 1) return false;
  return day <= new Date(Date.UTC(2000 + (year % 400), month, 0)).getUTCDate();
}

// Bytes and times that run, in the units of the language: never more digits than are worth reading.
import type { ReactNode } from 'react';
import { useLanguage } from '../language.tsx';
import { languages } from '../languages.ts';
import type { LanguageCode } from '../languages.ts';

const steps = ['byte', 'kilobyte', 'megabyte', 'gigabyte', 'terabyte'] as const;

/** Bytes in words: 1.2 MB. Powers of ten, as disks are sold. */
export function bytesText(n: number, code: LanguageCode): string {
  const step = n < 1000 ? 0 : Math.min(steps.length - 1, Math.floor(Math.log10(n) / 3));
  const value = n / 1000 ** step;
  return new Intl.NumberFormat(languages[code].locale, {
    style: 'unit',
    unit: steps[step]!,
    unitDisplay: step === 0 ? 'long' : 'short',
    maximumFractionDigits: step === 0 || value >= 100 ? 0 : 1,
  }).format(value);
}

/** A time that is left, in the two greatest of its units: 2 hr 10 min. At least a second. */
export function durationText(seconds: number, code: LanguageCode): string {
  const whole = Math.max(1, Math.round(seconds));
  const parts = [
    [Math.floor(whole / 86_400), 'day'],
    [Math.floor(whole / 3600) % 24, 'hour'],
    [Math.floor(whole / 60) % 60, 'minute'],
    [whole % 60, 'second'],
  ] as const;
  const first = parts.findIndex(([n]) => n > 0);
  return parts
    .slice(first, first + 2)
    .filter(([n]) => n > 0)
    .map(([n, unit]) =>
      new Intl.NumberFormat(languages[code].locale, { style: 'unit', unit, unitDisplay: 'short' }).format(n),
    )
    .join(' ');
}

export function Bytes({ n }: { n: number }): ReactNode {
  const { code } = useLanguage();
  return <bdi>{bytesText(n, code)}</bdi>;
}

export function Duration({ seconds }: { seconds: number }): ReactNode {
  const { code } = useLanguage();
  return <bdi>{durationText(seconds, code)}</bdi>;
}

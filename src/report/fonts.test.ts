import { readFileSync } from 'node:fs';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { canShow, coverageOf, dossierFaces, fontFiles } from './fonts.ts';

test('every font of the dossier is there and can be read', () => {
  for (const file of fontFiles()) expect(coverageOf(readFileSync(file)).has(0x35)).toBe(true);
});

test('the fonts have Latin and Arabic letters and both kinds of digits, and know what they have not', () => {
  const faces = dossierFaces();
  const shows = (text: string) => [...text].map((each) => canShow(faces(each.codePointAt(0) as number)));
  expect(shows('aZ5Éžş‹›–×محتجزپچگ٥٠')).not.toContain(false);
  expect(shows('漢😀ก')).not.toContain(true);
});

test('whatever is given as a font, nothing is thrown', () => {
  const font = readFileSync(fontFiles()[0] as string);
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 64 }), fc.integer({ min: 0, max: 4000 }), (noise, at) => {
      const broken = new Uint8Array(font.subarray(0, 4000));
      broken.set(noise.subarray(0, Math.max(0, broken.length - at)), Math.min(at, broken.length));
      expect(coverageOf(noise)).toBeInstanceOf(Set);
      expect(coverageOf(broken)).toBeInstanceOf(Set);
    }),
    { numRuns: 50 },
  );
});

// Where a picture lies in the made-up cache: the habits of several people who copied files, in two scripts.
import { arabicDigits } from './rules.ts';
import { cameras } from './words.ts';
import type { Picture } from './plan.ts';
import type { Shoot } from './shoots.ts';

/** A path, and whether it says what the picture shows. */
export interface Named {
  path: string;
  told: boolean;
}

/** Folder names already given to a subject, so that two soldiers of one name do not share a folder. */
export const namesOf = (): Map<string, number> => new Map();

/** The path of each picture of a shoot, from the picture and its place in the shoot. */
export function folderOf(shoot: Shoot, given: Map<string, number>): (picture: Picture, index: number) => Named {
  const { date, branch, number, name } = shoot;
  if (shoot.area === 'cards') return (picture) => memberFolder(shoot, picture);
  switch (shoot.category) {
    case 'detainee':
      switch (shoot.area) {
        case 'flat':
          return (_picture, index) => ({
            path: `sorted/${date.slice(0, 7)}/Branch ${branch} - ${number}${index === 0 ? '' : ` (${index + 1})`}.jpg`,
            told: true,
          });
        case 'arabic':
          return told(`صور ${arabicDigits(date.slice(0, 4))}/ف ${arabicDigits(branch)} رقم ${arabicDigits(number)}`);
        case 'dated-arabic':
          return told(`${date}/فرع ${arabicDigits(branch)}/${arabicDigits(number)}`);
        default:
          return told(`${date}/فرع ${branch}/${number}`);
      }
    case 'force':
      return told(unshared(shoot.area === 'latin' ? `soldiers/${name!.latin}` : `شهداء/${name!.arabic}`, given));
    case 'incident':
      return told(
        unshared(
          shoot.area === 'latin' ? `incidents/${date} ${name!.latin}` : `حوادث/${arabicDigits(date)} ${name!.arabic}`,
          given,
        ),
      );
    case 'other':
      return () => {
        const next = (given.get('pages') ?? 0) + 1;
        given.set('pages', next);
        const page = String(next).padStart(4, '0');
        return {
          path: shoot.area === 'latin' ? `documents/scan ${page}.jpg` : `وثائق/كتاب ${arabicDigits(page)}.jpg`,
          told: true,
        };
      };
  }
}

/** A picture left where the camera put it: nothing in the path says what it shows. */
export function memberFolder(shoot: Shoot, picture: Picture): Named {
  const camera = shoot.camera!;
  const folder =
    camera.id === 'telephone' ? 'Camera' : `${100 + Math.floor((picture.counter - 1) / 999)}${camera.folder}`;
  const card = cameras.indexOf(camera) + 1;
  return { path: `memory cards/${card}/DCIM/${folder}/${fileName(picture)}`, told: false };
}

const told = (folder: string) => (picture: Picture) => ({ path: `${folder}/${fileName(picture)}`, told: true });

function fileName(picture: Picture): string {
  const camera = cameras.find(({ id }) => id === picture.camera)!;
  return camera.fileName(picture.counter, picture.taken);
}

function unshared(folder: string, given: Map<string, number>): string {
  const before = given.get(folder) ?? 0;
  given.set(folder, before + 1);
  return before === 0 ? folder : `${folder} (${before + 1})`;
}

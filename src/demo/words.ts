// The demo's invented words: names in both scripts, places, cameras, lines of documents, testimonies. Nobody and nothing
// here is real; the names are common ones, put together by chance.
import type { Chance } from './chance.ts';

/** A name in both scripts. */
export interface Name {
  arabic: string;
  latin: string;
}

const pairs = (text: string): Name[] =>
  text.split('|').map((pair) => {
    const [arabic, latin] = pair.trim().split('=') as [string, string];
    return { arabic, latin };
  });

const given = pairs(
  'أحمد=Ahmad|كريم=Karim|سامر=Samer|عمر=Omar|خالد=Khaled|ياسين=Yasin|نادر=Nader|فراس=Firas|رامي=Rami|طارق=Tareq|وليد=Walid|حسن=Hasan|مازن=Mazen|جمال=Jamal|سليم=Salim|باسم=Basem|نزار=Nizar|عادل=Adel|هاني=Hani|زياد=Ziad|أنور=Anwar|رشيد=Rashid|منير=Munir|لؤي=Luay',
);
const family = pairs(
  'الحداد=Haddad|النجار=Najjar|الخياط=Khayyat|درويش=Darwish|منصور=Mansour|الصباغ=Sabbagh|الحلاق=Hallaq|يوسف=Youssef|العطار=Attar|سليمان=Suleiman|إبراهيم=Ibrahim|القاضي=Qadi|الخطيب=Khatib|حمدان=Hamdan|الراعي=Raai|شاهين=Shahin|بركات=Barakat|زيدان=Zeidan|الفارس=Fares|سعيد=Said|نعمة=Nimeh|عيسى=Issa|مراد=Murad|الساعاتي=Saati',
);
const ranks = pairs('ملازم=Lt|نقيب=Capt|رقيب=Sgt|عريف=Cpl|مجند=Pvt');
export const places = pairs(
  'طريق المطحنة=Mill road|المخزن الشمالي=North depot|الفرن القديم=Old bakery|محطة الحافلات=Bus station|شارع البستان=Orchard street|الجسر الصغير=Small bridge|سوق الأقمشة=Cloth market|المدرسة الشرقية=East school',
);

export function inventName(chance: Chance): Name {
  const [first, last] = [chance.pick(given), chance.pick(family)];
  return { arabic: `${first.arabic} ${last.arabic}`, latin: `${first.latin} ${last.latin}` };
}

/** A name with a rank before it. */
export function inventSoldier(chance: Chance): Name {
  const [rank, name] = [chance.pick(ranks), inventName(chance)];
  return { arabic: `${rank.arabic} ${name.arabic}`, latin: `${rank.latin} ${name.latin}` };
}

/** A made-up camera body of a common model. */
export interface Camera {
  /** How truth.json calls it. */
  id: string;
  make: string;
  model: string;
  software: string;
  serial: string | null;
  lens: string | null;
  byteOrder: 'little' | 'big';
  /** DCIM folder's suffix. */
  folder: string;
  /** File name from the counter (or from the time, for the telephone). */
  fileName: (counter: number, taken: string) => string;
  /** The counter before the first picture. */
  start: number;
  /** Seconds by which this body's clock is wrong. */
  clock: number;
  /** Share of all shoots. */
  weight: number;
  /** Quality of its JPEGs. */
  quality: number;
}

const counted = (prefix: string, digits: number, suffix: string) => (counter: number) =>
  `${prefix}${String(((counter - 1) % (10 ** digits - 1)) + 1).padStart(digits, '0')}${suffix}`;

/** Six bodies: two of one model (equal base names), one with its clock an hour ahead, one far behind. */
export const cameras: readonly Camera[] = [
  {
    id: 'nikon-a',
    make: 'NIKON CORPORATION',
    model: 'NIKON D3100',
    software: 'Ver.1.01',
    serial: '6004217',
    lens: '18.0-55.0 mm f/3.5-5.6',
    byteOrder: 'big',
    folder: 'D3100',
    fileName: counted('DSC_', 4, '.JPG'),
    start: 400,
    clock: 14,
    weight: 30,
    quality: 82,
  },
  {
    id: 'nikon-b',
    make: 'NIKON CORPORATION',
    model: 'NIKON D3100',
    software: 'Ver.1.01',
    serial: '6011903',
    lens: '18.0-55.0 mm f/3.5-5.6',
    byteOrder: 'big',
    folder: 'D3100',
    fileName: counted('DSC_', 4, '.JPG'),
    start: 396,
    clock: 3600 - 41,
    weight: 22,
    quality: 82,
  },
  {
    id: 'canon',
    make: 'Canon',
    model: 'Canon EOS 1100D',
    software: 'Firmware Version 1.0.4',
    serial: '083061004471',
    lens: 'EF-S18-55mm f/3.5-5.6 III',
    byteOrder: 'little',
    folder: 'CANON',
    fileName: counted('IMG_', 4, '.JPG'),
    start: 2180,
    clock: -95,
    weight: 22,
    quality: 86,
  },
  {
    id: 'fuji',
    make: 'FUJIFILM',
    model: 'FinePix S4300',
    software: 'Digital Camera FinePix S4300 Ver1.00',
    serial: null,
    lens: null,
    byteOrder: 'little',
    folder: '_FUJI',
    fileName: counted('DSCF', 4, '.JPG'),
    start: 9930,
    clock: 230,
    weight: 12,
    quality: 80,
  },
  {
    id: 'sony',
    make: 'SONY',
    model: 'DSC-H90',
    software: 'DSC-H90 v1.00',
    serial: null,
    lens: null,
    byteOrder: 'little',
    folder: 'MSDCF',
    fileName: counted('DSC', 5, '.JPG'),
    start: 120,
    // Never set after its battery ran out: two years, in whole days, and some minutes behind.
    clock: -731 * 86_400 + 312,
    weight: 6,
    quality: 80,
  },
  {
    id: 'telephone',
    make: 'SAMSUNG',
    model: 'GT-I9100',
    software: 'I9100XXLSJ',
    serial: null,
    lens: null,
    byteOrder: 'little',
    folder: 'Camera',
    fileName: (_counter, taken) => `${taken.replaceAll(/[-:]/g, '').replace('T', '_')}.jpg`,
    start: 0,
    clock: 2,
    weight: 8,
    quality: 76,
  },
];

/** Lines of pages, calm and without any person: [Arabic, Latin]. */
export const pageLines = pairs(
  'قائمة المواد المستلمة في المخزن=List of material received at the store|يرجى توقيع الاستلام عند الانتهاء=Please sign for receipt when done|عدد الصناديق كما هو مبين أدناه=Number of boxes as shown below|نسخة إلى قسم الأرشيف=Copy to the archive section|يعتمد الجدول بعد التدقيق=The table is approved after checking|تم الفحص والتسليم في الموعد=Inspected and handed over on time|تحفظ الأوراق في الملف رقم=Papers are kept in file number|لا توجد ملاحظات أخرى=There are no other remarks',
);

/** The testimony texts and the lists that lie beside the pictures: path and text. */
export function writings(chance: Chance): { path: string; text: string }[] {
  const rows = Array.from({ length: 24 }, (_, index) => {
    const name = inventName(chance);
    const place = chance.pick(places);
    return [index + 1, name.arabic, name.latin, chance.whole(1955, 1994), place.arabic, place.latin].join(',');
  });
  return [
    {
      path: 'testimony/شهادة - المصدر أ.txt',
      text: `شهادة المصدر «أ»، الجلسة الأولى. جميع الأسماء مخترعة.

كنت أعمل مصورا في قسم التوثيق. كان عملي أن أصور وأن أكتب الرقم والتاريخ، ثم أسلم البطاقة في آخر النهار.
كانت الأرقام ثلاثة: رقم الشخص، ورقم الفرع، ورقم الفحص في المستشفى. كنا نضع البطاقة بجانب ما نصوره.
كان المسؤول عن المكتب النقيب سليم درويش. كان يوقع القوائم كل يوم خميس.
كانت ساعة إحدى الكاميرات متقدمة ساعة كاملة، ولم يصلحها أحد.
نسخت الملفات على قرص صغير بعد انتهاء العمل.
`,
    },
    {
      path: 'testimony/witness C - first conversation.txt',
      text: `Witness C, first conversation. All names are invented.

Question: Where did you work?
Answer: In the office next to the archive. I copied lists and numbered the folders by date, branch and number.
Question: Who signed the lists?
Answer: A captain. His name was Salim Darwish. I saw his signature every Thursday.
Question: Did anyone tell you his name before today?
Answer: No. It was on the door.
Question: Were there pictures of other things?
Answer: Yes. Rooms, vehicles, documents, and the name plates of soldiers. They were kept in folders of their own.
`,
    },
    {
      path: 'testimony/witness D - note.txt',
      text: `Witness D, a note written by hand and typed later. All names are invented.

I remember the floor: light tiles, one of them cracked beside the door. There were two cameras of the same kind.
The folders of 2012 had numbers that started again from a low value after the summer.
`,
    },
    {
      path: 'names.csv',
      text: `\ufeffnumber,name_ar,name_latin,born,place_ar,place_latin\r\n${rows.join('\r\n')}\r\n`,
    },
  ];
}

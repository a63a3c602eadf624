// The scene that stands for a body: the outline of a cloth mannequin, without any feature, on a tiled floor, with the
// numbers beside or on it. World units are centimetres; the mannequin lies along x with its head at the left.
import { after, invert, moved, project, projected, scaled, turned } from './canvas.ts';
import type { Canvas, Colour, Ink, Projection, Shape } from './canvas.ts';
import { chanceOf, type Chance } from './chance.ts';
import { lettering, type FontName } from './fonts.ts';
import type { Card, Scene } from './plan.ts';
import { dashes, ellipse, hole, limb, rectangle, smooth } from './shapes.ts';

/** Corners of what carries the numbers, in pixels of the upright picture: top left, then clockwise as the card is read. */
export type Quad = [number, number][];

const floors: readonly {
  colour: Colour;
  grout: Colour;
  size: number;
  pattern: 'square' | 'brick' | 'checker';
  turn: number;
}[] = [
  { colour: [186, 190, 188], grout: [128, 131, 130], size: 33, pattern: 'square', turn: 0 },
  { colour: [196, 186, 168], grout: [142, 132, 116], size: 42, pattern: 'square', turn: 0.785 },
  { colour: [170, 178, 186], grout: [112, 118, 124], size: 30, pattern: 'checker', turn: 0.1 },
  { colour: [190, 176, 160], grout: [130, 118, 104], size: 40, pattern: 'brick', turn: 0.05 },
  { colour: [182, 188, 176], grout: [122, 128, 118], size: 25, pattern: 'square', turn: 0.3 },
];

/** Draws the scene upright; gives where the numbers are, or null where none are shown. */
export function drawMannequin(
  canvas: Canvas,
  scene: Extract<Scene, { kind: 'detainee' }>,
  seed: string,
  chance: Chance,
): Quad | null {
  const subject = chanceOf(seed, 'subject', scene.subject);
  const pose = poseOf(subject);
  const cloth = subject.pick<Colour>([
    [214, 202, 178],
    [205, 205, 200],
    [196, 186, 170],
    [188, 196, 204],
  ]);
  const place = cardPlace(scene, chance);
  const view = viewOf(canvas, scene, place, chance);
  drawFloor(canvas, view, floors[Number(scene.branch) % floors.length]!, chance);
  drawBody(canvas, view, pose, cloth);
  if (scene.card === null) return null;
  return drawCard(canvas, view, place, scene.card, chanceOf(seed, 'hand', scene.subject), chance);
}

interface Pose {
  left: number;
  right: number;
  bend: number;
  legs: number;
}

const poseOf = (chance: Chance): Pose => ({
  left: chance.between(1, 20),
  right: chance.between(1, 20),
  bend: chance.between(-6, 10),
  legs: chance.between(0, 9),
});

interface Place {
  x: number;
  y: number;
  width: number;
  height: number;
}

function cardPlace(scene: Extract<Scene, { kind: 'detainee' }>, chance: Chance): Place {
  const carrier = scene.card?.carrier ?? 'card';
  const width =
    carrier === 'tape'
      ? scene.view === 'whole'
        ? 40
        : 24
      : scene.view === 'whole'
        ? 42
        : scene.view === 'half'
          ? 27
          : 22;
  const height = width * (carrier === 'tape' ? 0.62 : 0.72);
  if (carrier === 'skin') return { x: -34, y: chance.between(-2, 2), width: 24, height: 17 };
  const side = chance.pick([-1, 1]);
  const [x, y] =
    scene.view === 'whole'
      ? chance.pick([
          [-36, side * 62],
          [10, side * 58],
          [44, side * 50],
          [-30, 0],
        ] as const)
      : chance.pick([
          [-34, 0],
          [-44, side * 46],
          [-6, side * 48],
          [-26, side * 3],
        ] as const);
  return { x: x + chance.between(-4, 4), y: y + chance.between(-4, 4), width, height };
}

/** World to pixels: where the camera looks, from how far, how it is turned and how it leans. */
function viewOf(canvas: Canvas, scene: Extract<Scene, { kind: 'detainee' }>, place: Place, chance: Chance): Projection {
  const { width, height } = canvas;
  const long = width > height ? 0 : Math.PI / 2;
  const roll =
    (scene.view === 'whole' ? long + (chance.happens(0.5) ? Math.PI : 0) : (chance.whole(0, 3) * Math.PI) / 2) +
    chance.normal() * (scene.view === 'whole' ? 0.16 : 0.3);
  const [extent, x, y] = {
    whole: [chance.between(1.02, 1.25), 6, place.y * 0.38] as const,
    half: [chance.between(0.5, 0.66), (place.x - 24) / 2, place.y * 0.6] as const,
    card: [chance.between(0.2, 0.34), place.x, place.y] as const,
    detail: [chance.between(0.28, 0.45), chance.pick([-70, -20, 30, 78]), chance.between(-18, 18)] as const,
  }[scene.view];
  const scale = Math.max(width, height) / (190 * extent);
  const shift = scene.view === 'whole' ? 0.02 : 0.09;
  const lean = (): number => (chance.normal() * 0.075) / Math.max(width, height);
  const tilt: Projection = [1, 0, 0, 0, 1, 0, lean(), lean(), 1];
  const at = moved(width * (0.5 + chance.between(-shift, shift)), height * (0.5 + chance.between(-shift, shift)));
  const view = after(at, tilt, turned(roll), scaled(scale), moved(-x, -y));
  if (scene.card === null) return view;
  // Whatever the angle, the numbers stay in the frame: look a little further that way.
  let [left, top, right, bottom] = [0, 0, 0, 0];
  const margin = Math.hypot(place.width, place.height) * scale * 0.55;
  const [cx, cy] = project(view, place.x, place.y);
  left = Math.max(0, margin - cx);
  right = Math.max(0, cx + margin - width);
  top = Math.max(0, margin - cy);
  bottom = Math.max(0, cy + margin - height);
  return after(moved(left - right, top - bottom), view);
}

function drawFloor(canvas: Canvas, view: Projection, floor: (typeof floors)[number], chance: Chance): void {
  const { width, height } = canvas;
  canvas.clear(floor.grout);
  const ground = after(view, turned(floor.turn), scaled(floor.size), moved(chance.next(), chance.next()));
  const back = invert(ground);
  const corners = [
    project(back, 0, 0),
    project(back, width, 0),
    project(back, width, height),
    project(back, 0, height),
  ];
  const range = (axis: 0 | 1): [number, number] => {
    const values = corners.map((corner) => corner[axis]);
    return [Math.floor(Math.min(...values)) - 1, Math.ceil(Math.max(...values))];
  };
  const [[x0, x1], [y0, y1]] = [range(0), range(1)];
  const gap = 0.022;
  for (let y = y0; y <= y1; y++) {
    for (let x = x0; x <= x1; x++) {
      const shade = chance.normal() * 5 - (floor.pattern === 'checker' && (x + y) % 2 !== 0 ? 34 : 0);
      const offset = floor.pattern === 'brick' && y % 2 !== 0 ? 0.5 : 0;
      const tile = rectangle(x + offset + gap, y + gap, 1 - 2 * gap, 1 - 2 * gap);
      const colour = floor.colour.map((level) => level + shade) as unknown as Colour;
      canvas.paint(projected(ground, tile), { colour, grain: 5 });
    }
  }
  // Wear: a few wide, faint patches.
  for (let k = 0; k < 3; k++) {
    const [x, y] = [chance.between(0, width), chance.between(0, height)];
    const size = chance.between(0.1, 0.3) * width;
    for (const share of [1, 0.6]) {
      canvas.paint(ellipse(x, y, size * share, size * share * 0.6), { colour: [96, 92, 86], alpha: 0.05 });
    }
  }
}

/** The mannequin's parts as one outline, each grown by some centimetres. */
function bodyShape(pose: Pose, grow: number): Shape {
  const parts: Shape = [...ellipse(-79, 0, 12 + grow, 9.5 + grow), ...limb(-68, 0, 5 + grow, -56, 0, 6.5 + grow)];
  const half: [number, number][] = [
    [-60, 8],
    [-55, 18],
    [-40, 19],
    [-18, 14.5],
    [2, 17.5],
    [12, 16],
  ];
  const torso = [
    ...half,
    [16, 0] as [number, number],
    ...half.map(([x, y]): [number, number] => [x, -y]).toReversed(),
    [-61, 0] as [number, number],
  ];
  parts.push(...smooth(torso.map(([x, y]) => [x + Math.sign(x + 22) * grow, y + Math.sign(y) * grow])));
  for (const side of [-1, 1]) {
    const reach = side < 0 ? pose.left : pose.right;
    const elbow = [-24 - reach * 0.2, side * (25 + reach)] as const;
    const hand = [4 - reach * 0.5, side * (27 + reach + pose.bend)] as const;
    parts.push(
      ...limb(-50, side * 17, 6 + grow, ...elbow, 4.6 + grow),
      ...limb(...elbow, 4.6 + grow, ...hand, 3.4 + grow),
      ...limb(...hand, 3.4 + grow, hand[0] + 9, hand[1] + side, 4.2 + grow),
      ...limb(10, side * 9, 8.6 + grow, 48, side * (10 + pose.legs), 6.4 + grow),
      ...limb(48, side * (10 + pose.legs), 6.2 + grow, 86, side * (11 + pose.legs * 1.5), 4.2 + grow),
      ...limb(87, side * (11 + pose.legs * 1.5), 4.2 + grow, 94, side * (16 + pose.legs * 1.5), 4.4 + grow),
    );
  }
  return parts.map(clockwise);
}

/** Contours that wind alike join where they overlap; the winding is that of the signed area. */
function clockwise(contour: number[]): number[] {
  let area = 0;
  for (let k = 0; k < contour.length; k += 2) {
    const j = (k + 2) % contour.length;
    area += contour[k]! * contour[j + 1]! - contour[j]! * contour[k + 1]!;
  }
  return area >= 0 ? contour : reversed(contour);
}

function reversed(contour: number[]): number[] {
  const out: number[] = [];
  for (let k = contour.length - 2; k >= 0; k -= 2) out.push(contour[k]!, contour[k + 1]!);
  return out;
}

function drawBody(canvas: Canvas, view: Projection, pose: Pose, cloth: Colour): void {
  const dark = cloth.map((level) => level * 0.42) as unknown as Colour;
  const seam = cloth.map((level) => level * 0.66) as unknown as Colour;
  const body = projected(view, bodyShape(pose, 0));
  // What the cloth will cover is cut out of shadow and outline first: a quarter of the painting in a close view.
  const hidden = body.map(reversed);
  const around = (shape: Shape, ink: Ink): void => canvas.paint([...shape, ...hidden], ink);
  const shadow = after(view, moved(1.7, 2.2));
  for (const grow of [2.4, 1.6, 0.8, 0.1])
    around(projected(shadow, bodyShape(pose, grow)), { colour: [40, 40, 44], alpha: 0.1 });
  around(projected(view, bodyShape(pose, 0.75)), { colour: dark });
  canvas.paint(body, { colour: cloth, grain: 9 });
  const seams: Shape[] = [
    dashes(-62, 0, 14, 0, 0.7, 2.4),
    dashes(-66, -5.5, -66, 5.5, 0.7, 1.6),
    dashes(12, -16, 12, 16, 0.7, 2),
  ];
  for (const side of [-1, 1]) {
    seams.push(
      dashes(-56, side * 10, -44, side * 18.5, 0.7, 2),
      dashes(46, side * (10 + pose.legs) - 6, 46, side * (10 + pose.legs) + 6, 0.7, 1.6),
    );
  }
  for (const line of seams) canvas.paint(projected(view, line), { colour: seam });
  // A lighter band along the middle gives the cloth some roundness.
  canvas.paint(
    projected(
      view,
      smooth([
        [-54, -5],
        [-20, -4],
        [8, -6],
        [8, 3],
        [-20, 2],
        [-54, 4],
      ]),
    ),
    { colour: [255, 252, 244], alpha: 0.1 },
  );
}

function drawCard(canvas: Canvas, view: Projection, place: Place, card: Card, hand: Chance, chance: Chance): Quad {
  // Read from below in the picture, give or take, whichever way the camera was turned.
  const [ox, oy] = project(view, place.x, place.y);
  const [ux, uy] = project(view, place.x + 1, place.y);
  const against = -Math.atan2(uy - oy, ux - ox);
  const lying = chance.happens(0.06) ? chance.pick([-1.57, 1.57]) : 0;
  const at = after(view, moved(place.x, place.y), turned(against + lying + chance.normal() * 0.13));
  const { width: w, height: h } = place;
  const quad = [
    project(at, -w / 2, -h / 2),
    project(at, w / 2, -h / 2),
    project(at, w / 2, h / 2),
    project(at, -w / 2, h / 2),
  ];
  const paint = (shape: Shape, colour: Colour, alpha = 1, grain = 0): void =>
    canvas.paint(projected(at, shape), { colour, alpha, grain });
  const fonts = fontsOf(card, hand);
  const ink = hand.pick<Colour>(
    card.style === 'printed'
      ? [[18, 18, 20]]
      : [
          [16, 20, 34],
          [22, 34, 96],
          [26, 26, 26],
        ],
  );
  if (card.carrier === 'card') {
    for (const grow of [1.1, 0.6])
      paint(rectangle(-w / 2 + 0.5 - grow / 3, -h / 2 + 0.7 - grow / 3, w + grow, h + grow), [30, 30, 34], 0.16);
    paint(
      rectangle(-w / 2, -h / 2, w, h),
      hand.pick<Colour>([
        [246, 245, 240],
        [240, 236, 222],
        [236, 240, 242],
      ]),
      1,
      2,
    );
    if (card.style === 'printed') {
      const [i, t] = [w * 0.03, w * 0.008];
      paint(
        [
          ...rectangle(-w / 2 + i, -h / 2 + i, w - 2 * i, h - 2 * i),
          ...hole(-w / 2 + i + t, -h / 2 + i + t, w - 2 * i - 2 * t, h - 2 * i - 2 * t),
        ],
        ink,
      );
    }
  }
  const rows = rowsOf(card, h);
  rows.forEach(({ text, size, middle }, index) => {
    if (card.carrier === 'tape') {
      const strip = h / rows.length;
      const lean = hand.normal() * 0.4;
      paint(rectangle(-w / 2 + 0.3, middle - strip * 0.42 + 0.4, w, strip * 0.84), [30, 30, 34], 0.2);
      paint(
        [
          [
            -w / 2,
            middle - strip * 0.42 + lean,
            w / 2,
            middle - strip * 0.42 - lean,
            w / 2,
            middle + strip * 0.42 - lean,
            -w / 2,
            middle + strip * 0.42 + lean,
          ],
        ],
        [226, 208, 158],
        1,
        4,
      );
    }
    const unsteady = card.style === 'hand' ? chanceOf('hand', text, index) : undefined;
    const line = lettering(text, fonts.font, {
      rightToLeft: card.script === 'arabic-indic',
      fallback: fonts.fallback,
      ...(unsteady === undefined ? {} : { unsteady }),
    });
    const em = Math.min(size * fonts.em, (w * 0.86) / line.width);
    const baseline = middle + em * fonts.middle;
    paint(
      projected(after(moved((-line.width * em) / 2, baseline), scaled(em)), line.shape),
      ink,
      card.carrier === 'skin' ? 0.92 : 1,
    );
  });
  return quad;
}

/** The number large, the others below it. Sizes are heights of a digit. */
function rowsOf(card: Card, h: number): { text: string; size: number; middle: number }[] {
  if (card.carrier === 'tape') {
    const strip = h / card.lines.length;
    return card.lines.map(({ written }, index) => ({
      text: written,
      size: strip * 0.56,
      middle: -h / 2 + strip * (index + 0.5),
    }));
  }
  const sizes = card.lines.length === 3 ? [0.29, 0.16, 0.16] : [0.36, 0.26];
  const middles = card.lines.length === 3 ? [-0.26, 0.06, 0.3] : [-0.19, 0.23];
  return card.lines.map(({ written }, index) => ({
    text: written,
    size: sizes[index]! * h,
    middle: middles[index]! * h,
  }));
}

/** A font for the card; `em` is how many digit heights an em has, `middle` half a digit's height in ems. */
function fontsOf(card: Card, hand: Chance): { font: FontName; fallback: FontName; em: number; middle: number } {
  const [font, fallback, digit] = hand.pick(lettersOf[card.script][card.style]);
  return { font, fallback, em: 1 / digit, middle: digit / 2 };
}

/** Font, fallback, height of a digit in ems. */
const lettersOf: Record<Card['script'], Record<Card['style'], readonly [FontName, FontName, number][]>> = {
  latin: {
    printed: [
      ['mono', 'cairo', 0.72],
      ['sans', 'cairo', 0.65],
    ],
    hand: [
      ['caveat', 'ruqaa', 0.58],
      ['patrick', 'ruqaa', 0.68],
    ],
  },
  'arabic-indic': {
    printed: [
      ['cairo', 'cairo', 0.66],
      ['amiri', 'amiri', 0.58],
    ],
    hand: [['ruqaa', 'amiri', 0.54]],
  },
};

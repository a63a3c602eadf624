// The scenes that show nobody: a soldier's name plate on uniform cloth, the drawing of a room, a wall or a street after an
// incident, a page of a document on a desk.
import { after, moved, projected, scaled, turned } from './canvas.ts';
import type { Canvas, Colour, Projection, Shape } from './canvas.ts';
import type { Chance } from './chance.ts';
import { lettering } from './fonts.ts';
import type { Scene } from './plan.ts';
import { dashes, ellipse, hole, rectangle, smooth, stroke } from './shapes.ts';
import { pageLines } from './words.ts';
import { arabicDigits } from './rules.ts';

type Paint = (shape: Shape, colour: Colour, alpha?: number, grain?: number) => void;

const painter =
  (canvas: Canvas, view: Projection): Paint =>
  (shape, colour, alpha = 1, grain = 0) =>
    canvas.paint(projected(view, shape), { colour, alpha, grain });

const shaded = (colour: Colour, share: number): Colour => [colour[0] * share, colour[1] * share, colour[2] * share];

/** A camera that leans and turns a little over a plane 4 wide and 3 high (3 and 4 where upright), seen whole. */
function frame(canvas: Canvas, chance: Chance, turn: number, zoom: number): Projection {
  const { width, height } = canvas;
  const long = Math.max(width, height);
  const lean = (): number => (chance.normal() * 0.06) / long;
  return after(
    moved(width * (0.5 + chance.between(-0.06, 0.06)), height * (0.5 + chance.between(-0.06, 0.06))),
    [1, 0, 0, 0, 1, 0, lean(), lean(), 1],
    turned(chance.normal() * turn),
    scaled((long / 4) * zoom),
  );
}

/** Text with its middle at x, y, as high as `size` and no wider than `most`. */
function written(
  paint: Paint,
  text: string,
  at: { x: number; y: number; size: number; most: number; ink: Colour; alpha?: number },
): void {
  const arabic = /[\u0600-\u06ff]/u.test(text);
  const line = lettering(text, arabic ? 'cairo' : 'serif', { rightToLeft: arabic, fallback: 'sans' });
  const em = Math.min(at.size, at.most / line.width);
  paint(
    projected(after(moved(at.x - (line.width * em) / 2, at.y + em * 0.28), scaled(em)), line.shape),
    at.ink,
    at.alpha ?? 1,
  );
}

export function drawNamePlate(canvas: Canvas, scene: Extract<Scene, { kind: 'force' }>, chance: Chance): void {
  const cloth = chance.pick<Colour>([
    [104, 110, 78],
    [122, 116, 88],
    [92, 104, 92],
    [98, 106, 120],
    [134, 122, 96],
  ]);
  const view = frame(canvas, chance, 0.22, chance.between(0.85, 1.5));
  const paint = painter(canvas, view);
  paint(rectangle(-9, -9, 18, 18), cloth, 1, 14);
  // Folds: soft bands across the cloth, light beside dark.
  const lie = chance.between(0, Math.PI);
  for (let k = 0; k < 5; k++) {
    const fold = painter(
      canvas,
      after(view, turned(lie + chance.normal() * 0.25), moved(0, chance.between(-2.4, 2.4))),
    );
    const [thick, bow] = [chance.between(0.1, 0.5), chance.between(-0.5, 0.5)];
    for (const share of [1, 0.65, 0.35]) {
      const half = thick * share;
      const band: [number, number][] = [
        [-4, -half],
        [0, bow - half],
        [4, -half],
        [4, half],
        [0, bow + half],
        [-4, half],
      ];
      fold(smooth(band), k % 2 === 0 ? [255, 252, 236] : [12, 14, 10], 0.055);
    }
  }
  if (chance.happens(0.7)) drawPocket(paint, cloth, chance);
  const [x, y] = [chance.between(-0.35, 0.35), chance.between(-0.5, 0.1)];
  const plate = painter(canvas, after(view, moved(x, y), turned(chance.normal() * 0.08)));
  const [w, h] = [chance.between(1.7, 2.3), chance.between(0.5, 0.72)];
  const base = chance.pick<Colour>([
    [236, 232, 220],
    [206, 182, 118],
    [38, 42, 40],
    [214, 216, 214],
  ]);
  const ink: Colour = base[0] < 100 ? [232, 230, 220] : [24, 26, 24];
  plate(rectangle(-w / 2 + 0.03, -h / 2 + 0.04, w + 0.02, h + 0.02), [0, 0, 0], 0.35);
  plate(rectangle(-w / 2, -h / 2, w, h), shaded(base, 0.72));
  plate(rectangle(-w / 2 + 0.02, -h / 2 + 0.02, w - 0.04, h - 0.04), base, 1, 3);
  for (const side of [-1, 1]) plate(ellipse(side * (w / 2 - 0.09), 0, 0.035, 0.035), shaded(base, 0.5));
  written(plate, scene.name, { x: 0, y: -0.02, size: h * 0.62, most: w * 0.8, ink });
  if (chance.happens(0.5)) {
    const bars = chance.whole(1, 3);
    for (let k = 0; k < bars; k++) {
      const top = y + 0.75 + k * 0.17;
      paint(stroke([x - 0.3, top + 0.16, x, top, x + 0.3, top + 0.16], 0.08), [196, 178, 110], 0.95);
    }
  }
}

function drawPocket(paint: Paint, cloth: Colour, chance: Chance): void {
  const [x, y] = [chance.pick([-1.1, -0.6, 0.5, 0.9]), chance.between(0.5, 0.9)];
  const dark = shaded(cloth, 0.72);
  const thread = shaded(cloth, 1.28);
  paint(rectangle(x - 0.74, y - 0.04, 1.48, 1.6), dark, 0.7);
  paint(rectangle(x - 0.72, y, 1.44, 1.54), shaded(cloth, 1.04), 1, 14);
  paint([[x - 0.72, y, x + 0.72, y, x + 0.72, y + 0.3, x, y + 0.5, x - 0.72, y + 0.3]], shaded(cloth, 0.92), 1, 12);
  for (const [x1, y1, x2, y2] of [
    [-0.66, 0.3, 0, 0.47],
    [0, 0.47, 0.66, 0.3],
    [-0.66, 0.4, -0.66, 1.5],
    [0.66, 0.4, 0.66, 1.5],
  ] as const) {
    paint(dashes(x + x1, y + y1, x + x2, y + y2, 0.018, 0.045), thread);
  }
  paint(ellipse(x, y + 0.32, 0.07, 0.07), shaded(cloth, 0.5));
}

export function drawIncident(canvas: Canvas, chance: Chance): void {
  const view = frame(canvas, chance, 0.06, chance.between(1.02, 1.3));
  chance.pick([drawRoom, drawWall, drawStreet])(painter(canvas, view), chance);
}

const line: Colour = [62, 60, 58];

/** Soot: dark, soft, and nothing else. */
function drawSoot(paint: Paint, x: number, y: number, size: number, chance: Chance): void {
  for (let k = 0; k < 3; k++) {
    const [dx, dy] = [chance.normal() * size * 0.3, -Math.abs(chance.normal()) * size * 0.4];
    for (let share = 1; share > 0.1; share -= 0.09) {
      paint(ellipse(x + dx, y + dy, size * share * 0.75, size * share), [34, 31, 30], 0.055);
    }
  }
}

function drawRoom(paint: Paint, chance: Chance): void {
  const wall = chance.pick<Colour>([
    [206, 200, 184],
    [190, 200, 196],
    [204, 190, 174],
    [186, 190, 202],
  ]);
  const [x, y, w, h] = [
    chance.between(-1.3, -0.7),
    chance.between(-0.95, -0.6),
    chance.between(1.6, 2.2),
    chance.between(1.1, 1.4),
  ];
  const [r, b] = [x + w, y + h];
  paint([[-4, -3, 4, -3, r, y, x, y]], shaded(wall, 1.08), 1, 3);
  paint([[-4, 3, 4, 3, r, b, x, b]], shaded(wall, 0.62), 1, 7);
  paint([[-4, -3, x, y, x, b, -4, 3]], shaded(wall, 0.84), 1, 4);
  paint([[4, -3, r, y, r, b, 4, 3]], shaded(wall, 0.76), 1, 4);
  paint(rectangle(x, y, w, h), wall, 1, 4);
  for (const edge of [
    [-4, -3, x, y],
    [4, -3, r, y],
    [-4, 3, x, b],
    [4, 3, r, b],
    [x, y, r, y],
    [r, y, r, b],
    [r, b, x, b],
    [x, b, x, y],
  ]) {
    paint(stroke(edge, 0.02), line, 0.8);
  }
  const door = x + chance.between(0.1, w - 0.6);
  paint(rectangle(door, b - 0.85, 0.45, 0.85), shaded(wall, 0.55), 1, 4);
  paint(ellipse(door + 0.38, b - 0.42, 0.025, 0.025), line);
  const window = chance.pick([-1, 1]);
  const near = window < 0 ? [-2, -1.1] : [2, 1.15 + (r - 1)];
  paint([[near[0]!, -0.9, near[1]!, -0.62, near[1]!, 0.15, near[0]!, 0.35]], [222, 230, 236]);
  paint(stroke([near[0]!, -0.9, near[1]!, -0.62, near[1]!, 0.15, near[0]!, 0.35, near[0]!, -0.9], 0.04), line, 0.8);
  const table = chance.between(-0.6, 0.6);
  paint(
    [[table - 0.5, b + 0.15, table + 0.5, b + 0.15, table + 0.65, b + 0.4, table - 0.65, b + 0.4]],
    [122, 96, 70],
    1,
    6,
  );
  for (const leg of [-0.6, 0.6]) paint(rectangle(table + leg - 0.03, b + 0.4, 0.06, 0.6), [96, 76, 56]);
  if (chance.happens(0.7))
    drawSoot(paint, chance.between(x, r), chance.between(y, y + 0.6), chance.between(0.3, 0.6), chance);
  drawMarker(paint, chance);
}

function drawWall(paint: Paint, chance: Chance): void {
  const brick = chance.pick<Colour>([
    [168, 122, 98],
    [176, 166, 148],
    [150, 132, 120],
    [184, 150, 112],
  ]);
  paint(rectangle(-4, -3, 8, 6), [176, 170, 160], 1, 4);
  const [w, h] = [chance.between(0.3, 0.5), chance.between(0.13, 0.2)];
  for (let row = 0, y = -2.2; y < 2.2; row++, y += h) {
    for (let x = -2.9 + (row % 2) * (w / 2); x < 2.9; x += w) {
      paint(rectangle(x, y, w - 0.025, h - 0.025), shaded(brick, 1 + chance.normal() * 0.07), 1, 5);
    }
  }
  const [x, y] = [chance.between(-1.3, 0.7), chance.between(-0.9, 0.1)];
  paint(rectangle(x - 0.06, y - 0.06, 0.92, 1.02), [206, 200, 190], 1, 3);
  paint(rectangle(x, y, 0.8, 0.9), [48, 50, 54], 1, 3);
  paint(stroke([x + 0.4, y, x + 0.4, y + 0.9], 0.04), [206, 200, 190]);
  paint(stroke([x, y + 0.45, x + 0.8, y + 0.45], 0.04), [206, 200, 190]);
  drawSoot(paint, x + 0.4, y - 0.1, chance.between(0.5, 0.9), chance);
  paint([[-4, 1.25, 4, 1.2, 4, 4, -4, 4]], [132, 128, 120], 1, 10);
  drawMarker(paint, chance);
}

function drawStreet(paint: Paint, chance: Chance): void {
  paint(
    rectangle(-4, -4, 8, 5),
    chance.pick<Colour>([
      [198, 212, 224],
      [214, 214, 208],
      [186, 200, 214],
    ]),
    1,
    2,
  );
  let x = -3.2;
  while (x < 3.2) {
    const [w, top] = [chance.between(0.5, 1.1), chance.between(-1.35, -0.3)];
    const house = chance.pick<Colour>([
      [204, 192, 170],
      [190, 186, 178],
      [214, 204, 186],
      [176, 170, 160],
    ]);
    paint(rectangle(x, top, w, 3), house, 1, 4);
    paint(stroke([x, 1, x, top, x + w, top, x + w, 1], 0.02), line, 0.7);
    for (let y = top + 0.14; y < 0.2; y += 0.32) {
      for (let k = x + 0.12; k < x + w - 0.2; k += 0.26) paint(rectangle(k, y, 0.12, 0.17), [92, 100, 108], 0.85);
    }
    x += w + chance.pick([0, 0, 0.25]);
  }
  paint([[-4, 0.45, 4, 0.45, 4, 4, -4, 4]], [140, 138, 134], 1, 9);
  paint([[-4, 0.42, 4, 0.42, 4, 0.52, -4, 0.52]], [172, 168, 160]);
  for (let k = 0; k < chance.whole(1, 2); k++)
    drawVehicle(paint, chance.between(-1.3, 0.9), chance.between(0.55, 0.95), chance);
  if (chance.happens(0.6))
    drawSoot(paint, chance.between(-1.4, 1.4), chance.between(-0.3, 0.2), chance.between(0.25, 0.5), chance);
  drawMarker(paint, chance);
}

/** A vehicle as an outline on the road, with nobody in it. */
function drawVehicle(paint: Paint, x: number, y: number, chance: Chance): void {
  const van = chance.happens(0.4);
  const body: [number, number][] = van
    ? [
        [-0.7, 0],
        [-0.72, -0.3],
        [-0.6, -0.62],
        [0.62, -0.64],
        [0.68, -0.1],
        [0.66, 0.02],
      ]
    : [
        [-0.75, 0],
        [-0.76, -0.2],
        [-0.45, -0.28],
        [-0.25, -0.5],
        [0.3, -0.5],
        [0.5, -0.26],
        [0.76, -0.2],
        [0.74, 0.02],
      ];
  const side = chance.pick([-1, 1]);
  const outline = smooth(body.map(([dx, dy]) => [x + side * dx, y + dy]));
  paint(ellipse(x, y + 0.14, 0.85, 0.08), [40, 40, 40], 0.35);
  paint(
    outline,
    chance.pick<Colour>([
      [196, 196, 192],
      [120, 130, 142],
      [168, 150, 120],
      [140, 72, 62],
    ]),
    1,
    3,
  );
  paint(
    outline.flatMap((contour) => stroke([...contour, contour[0]!, contour[1]!], 0.025)),
    line,
    0.9,
  );
  for (const [a, b] of van
    ? ([
        [-0.56, -0.24],
        [-0.18, 0.14],
        [0.2, 0.54],
      ] as const)
    : ([
        [-0.36, -0.04],
        [0.02, 0.34],
      ] as const)) {
    const top = van ? -0.56 : -0.45;
    paint(
      [
        [
          x + side * (a + 0.06),
          y + top,
          x + side * b,
          y + top,
          x + side * b,
          y + top + 0.2,
          x + side * a,
          y + top + 0.2,
        ],
      ],
      [84, 96, 106],
      0.9,
    );
  }
  for (const wheel of [-0.45, 0.45]) {
    paint(ellipse(x + wheel, y + 0.04, 0.145, 0.145), [38, 38, 40]);
    paint(ellipse(x + wheel, y + 0.04, 0.07, 0.07), [150, 150, 150]);
  }
}

/** The numbered marker of an examiner. */
function drawMarker(paint: Paint, chance: Chance): void {
  if (chance.happens(0.35)) return;
  const [x, y] = [chance.between(-1.2, 1.2), chance.between(0.95, 1.15)];
  paint([[x - 0.16, y + 0.16, x + 0.16, y + 0.16, x + 0.11, y - 0.18, x - 0.11, y - 0.18]], [232, 196, 52]);
  written(paint, String(chance.whole(1, 9)), { x, y, size: 0.28, most: 0.3, ink: [24, 24, 24] });
}

export function drawDocument(canvas: Canvas, scene: Extract<Scene, { kind: 'document' }>, chance: Chance): void {
  const upright = canvas.height > canvas.width;
  const view = frame(canvas, chance, 0.1, chance.between(0.95, 1.08));
  const paint = painter(canvas, view);
  const desk = chance.pick<Colour>([
    [128, 98, 70],
    [92, 98, 104],
    [150, 126, 96],
    [76, 84, 78],
  ]);
  canvas.clear(desk);
  for (let k = 0; k < 10; k++) {
    const y = chance.between(-2.2, 2.2);
    paint(stroke([-5, y, 5, y + chance.normal() * 0.1], chance.between(0.02, 0.1)), shaded(desk, 0.8), 0.3);
  }
  const [w, h] = upright ? [2.6, 3.6] : [chance.between(2, 3.6), 2.75];
  const page = painter(
    canvas,
    after(view, moved(chance.normal() * 0.12, chance.normal() * 0.08), turned(chance.normal() * 0.05)),
  );
  const under = hole(-w / 2, -h / 2, w, h);
  for (const grow of [0.08, 0.04])
    page([...rectangle(-w / 2 + 0.02, -h / 2 + 0.03, w + grow, h + grow), ...under], [0, 0, 0], 0.15);
  page(
    rectangle(-w / 2, -h / 2, w, h),
    chance.pick<Colour>([
      [244, 242, 234],
      [238, 230, 208],
      [236, 240, 240],
    ]),
    1,
    2,
  );
  const arabic = scene.script === 'arabic';
  const ink: Colour = [34, 34, 38];
  let left = chance.shuffled(pageLines);
  const text = (): string => {
    if (left.length === 0) left = chance.shuffled(pageLines);
    const words = left.pop()!;
    return arabic ? words.arabic : words.latin;
  };
  const number = String(chance.whole(12, 980));
  const margin = w * 0.1;
  const most = w - 2 * margin;
  written(page, arabic ? `قسم الأرشيف - ${arabicDigits(number)}` : `Archive section - ${number}`, {
    x: 0,
    y: -h / 2 + 0.3,
    size: 0.19,
    most,
    ink,
  });
  page(rectangle(-w / 2 + margin, -h / 2 + 0.46, most, 0.012), ink);
  const step = chance.between(0.17, 0.24);
  const foot = h / 2 - 0.3;
  const table = chance.happens(0.5) ? { from: chance.between(-h / 2 + 0.7, 0.1), rows: chance.whole(3, 6) } : null;
  for (let y = -h / 2 + 0.65; y < foot; y += step) {
    if (table !== null && y > table.from - 0.12 && y < table.from + table.rows * 0.22 + 0.2) continue;
    if (chance.happens(0.14)) continue;
    const content = text();
    const width = lettering(content, arabic ? 'cairo' : 'serif', { rightToLeft: arabic }).width;
    const size = Math.min(0.135, most / width);
    const shift = (most - width * size) / 2;
    written(page, content, { x: arabic ? shift : -shift, y, size, most, ink, alpha: 0.9 });
  }
  if (table !== null) {
    const columns = chance.whole(3, 5);
    for (let row = 0; row <= table.rows; row++) page(rectangle(-most / 2, table.from + row * 0.22, most, 0.012), ink);
    for (let k = 0; k <= columns; k++)
      page(rectangle(-most / 2 + (most * k) / columns, table.from, 0.012, table.rows * 0.22), ink);
    for (let row = 0; row < table.rows; row++) {
      for (let k = 0; k < columns; k++) {
        if (chance.happens(0.25)) continue;
        const value = String(chance.whole(1, 960));
        const x = -most / 2 + (most * (k + 0.5)) / columns;
        written(page, arabic ? arabicDigits(value) : value, {
          x,
          y: table.from + (row + 0.5) * 0.22,
          size: 0.13,
          most: most / columns,
          ink,
        });
      }
    }
  }
  if (chance.happens(0.6)) drawStamp(page, chance.between(-w / 3, w / 3), chance.between(0.2, h / 2 - 0.45));
}

function drawStamp(paint: Paint, x: number, y: number): void {
  const blue: Colour = [44, 62, 148];
  for (const radius of [0.33, 0.22]) {
    const ring = ellipse(x, y, radius, radius)[0]!;
    paint(stroke([...ring, ring[0]!, ring[1]!], 0.022), blue, 0.6);
  }
  written(paint, 'أرشيف', { x, y, size: 0.15, most: 0.34, ink: blue, alpha: 0.65 });
}

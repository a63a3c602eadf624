// Who may import whom, over the real import statements: arrows point down, never sideways. Tests, fixtures and samples
// may look to the side, since nothing is built on them.
import { readdirSync, readFileSync } from 'node:fs';
import { join, posix } from 'node:path';
import { expect, test } from 'vitest';

const root = new URL('..', import.meta.url).pathname;

/** The floors of the house, the highest first. Rooms on one floor do not see each other. */
const floors: readonly (readonly string[])[] = [
  ['src/cli', 'src/server', 'src/web'],
  [
    'src/stages.ts',
    'src/overview.ts',
    'src/problems.ts',
    'src/authenticity.ts',
    'src/dossier-input.ts',
    'src/timeline.ts',
    'src/individual-page.ts',
    'src/item-page.ts',
    'src/search',
  ],
  ['src/intake', 'src/seal', 'src/describe', 'src/group', 'src/examine', 'src/corroborate', 'src/report'],
  ['src/protect'],
  ['src/log'],
  ['src/store'],
  ['src/case', 'src/version.ts', 'src/load.mjs'],
  ['packages/verify', 'packages/imaging', 'packages/names', 'packages/statistics'],
];
const doors = floors[0]!;
const joints = floors[1]!;
const stages = floors[2]!;

/** Node's modules that compute and touch nothing outside: all that a pure folder may use. */
const pureNode = new Set(['node:util', 'node:buffer']);

const isAside = (file: string): boolean =>
  /\.(test|fixture|fixtures|sample)\.|\/(fixtures?|test-[^/]+)\.ts$/.test(file);

function roomOf(file: string): string {
  return /^(?:packages|src)\/[^/]+/.exec(file)?.[0] ?? file;
}

function floorOf(room: string): number {
  return floors.findIndex((rooms) => rooms.includes(room));
}

/** Why this file must not import this, or null. `to` is a path of the tree, or a package's name. */
function refusal(from: string, to: string): string | null {
  if (isAside(from)) return null;
  const room = roomOf(from);
  const engine = /^packages\/verify\/src\/(?:(?:engine-node|node-files|node-check|main)\.ts|hash-thread\.mjs)$/.test(
    from,
  );
  if (to.startsWith('node:')) {
    if (room === 'src/case' && !pureNode.has(to)) return 'src/case is pure';
    if (room === 'packages/verify' && !engine) return 'packages/verify runs in a browser too';
    return null;
  }
  if (to === '#engine') return room === 'packages/verify' ? null : 'the engine is of packages/verify alone';
  if (!/^(?:src|packages)\//.test(to)) {
    const ours = /^(?:package\.json|dist\/)/.test(to);
    // ASN.1 and CMS where timestamps are read; the rest of the package stands without them.
    const reader = /^packages\/verify\/src\/(?:timestamp|certificates)\.ts$/.test(from);
    const timestamps = reader && ['asn1js', 'pkijs'].includes(to);
    // SHA-256 and Ed25519 for a browser, which has them only asynchronously.
    const primitives = from === 'packages/verify/src/engine-browser.ts' && /^@noble\/(?:hashes|curves)\//.test(to);
    if (room === 'packages/verify' && !ours && !timestamps && !primitives) return 'packages/verify has no dependency';
    return null;
  }
  const target = roomOf(to);
  if (isAside(to)) return 'nothing is built on tests, fixtures and samples';
  if (target === room) return null;
  if (room === 'src/demo') {
    return floorOf(target) >= floorOf('src/store')
      ? null
      : 'the demo knows of the case, the store and the packages only';
  }
  // The command line makes demos and starts the server; nothing else knows of either.
  if (target === 'src/demo' || doors.includes(target)) {
    return room === 'src/cli' && target !== 'src/web' ? null : 'a door, or the demo, is used by the command line alone';
  }
  if (floorOf(room) < 0) return `${room} stands on no floor: give it one`;
  if (floorOf(target) < 0) return `${target} stands on no floor: give it one`;
  if (stages.includes(room) && stages.includes(target)) {
    return to === `${target}/records.ts` ? null : 'of another stage only its records.ts, its words';
  }
  if (joints.includes(room) && joints.includes(target)) return null;
  return floorOf(target) > floorOf(room) ? null : 'arrows point down, never sideways';
}

/** What a source imports: statements, import(), and modules handed to a thread as `new URL('./x.ts', import.meta.url)`. */
function importsOf(source: string): string[] {
  const code = source.replaceAll(/^\s*(?:\/\/|\*|\/\*).*$/gm, '');
  const pattern =
    /(?:^|[;}\s])(?:import|export)\s[^'"`;]*?from\s*(['"])([^'"]+)\1|(?:^|[;}\s])import\s*\(?\s*(['"])([^'"]+)\3|new URL\(\s*(['"])(\.[^'"]+\.(?:ts|mjs))\5/gm;
  return [...code.matchAll(pattern)].map((match) => (match[2] ?? match[4] ?? match[6])!);
}

/** A specifier as a path of the tree, or a package's name. */
function resolveImport(from: string, specifier: string): string {
  if (specifier.startsWith('.')) return posix.join(posix.dirname(from), specifier);
  const own = /^@dalil\/(\w+)/.exec(specifier);
  return own === null ? specifier : `packages/${own[1]}/src/index.ts`;
}

function* sources(below: string): Generator<string> {
  for (const entry of readdirSync(join(root, below), { withFileTypes: true })) {
    const path = `${below}/${entry.name}`;
    if (entry.isDirectory()) {
      if (entry.name !== 'node_modules') yield* sources(path);
    } else if (/\.(?:ts|tsx|mjs)$/.test(entry.name)) yield path;
  }
}

const every = ['src', 'packages'].flatMap((below) => [...sources(below)]);
const arrows = every.flatMap((from) =>
  importsOf(readFileSync(join(root, from), 'utf8')).map((specifier) => ({
    from,
    to: resolveImport(from, specifier),
  })),
);

test('arrows point down, never sideways', () => {
  const refused = arrows.flatMap(({ from, to }) => {
    const why = refusal(from, to);
    return why === null ? [] : [`${from} imports ${to}: ${why}`];
  });
  expect(refused).toEqual([]);
});

test('every room that there is stands on a floor', () => {
  const rooms = new Set(every.filter((file) => !isAside(file)).map(roomOf));
  expect([...rooms].filter((room) => floorOf(room) < 0 && room !== 'src/demo')).toEqual([]);
});

test('the arrows were read: what is known to be there was found', () => {
  expect(arrows.length).toBeGreaterThan(400);
  for (const known of [
    { from: 'src/log/log.ts', to: 'packages/verify/src/index.ts' },
    { from: 'src/stages.ts', to: 'src/group/project.ts' },
    { from: 'src/cli/main.ts', to: 'src/log/case.ts' },
    { from: 'src/describe/describe.ts', to: 'src/describe/picture-worker.ts' },
    { from: 'packages/verify/src/engine-node.ts', to: 'node:crypto' },
    { from: 'packages/verify/src/index.ts', to: '#engine' },
  ]) {
    expect(arrows).toContainEqual(known);
  }
});

test('every spelling of an import is seen', () => {
  const source = `import a from './a.ts';
import type { B,
  C } from "../b.ts";
import './c.ts';
export * from './d.ts';
const e = await import('./e.ts'), f = new URL('./f.ts', import.meta.url);
// import g from './g.ts';`;
  expect(importsOf(source)).toEqual(['./a.ts', '../b.ts', './c.ts', './d.ts', './e.ts', './f.ts']);
});

test.each([
  ['src/intake/receive.ts', 'src/describe/description.ts'],
  ['src/report/build.ts', 'src/group/near.ts'],
  ['src/log/log.ts', 'src/intake/records.ts'],
  ['src/store/home.ts', 'src/log/keys.ts'],
  ['src/case/views.ts', 'src/store/home.ts'],
  ['src/case/views.ts', 'node:fs/promises'],
  ['src/case/views.ts', 'src/overview.ts'],
  ['packages/imaging/src/pdq.ts', 'src/case/fault.ts'],
  ['packages/imaging/src/pdq.ts', 'packages/verify/src/index.ts'],
  ['packages/verify/src/record.ts', 'node:crypto'],
  ['packages/verify/src/record.ts', 'zod'],
  ['packages/verify/src/engine-node.ts', 'zod'],
  ['packages/verify/src/engine-browser.ts', 'node:crypto'],
  ['packages/verify/src/engine-browser.ts', '@noble/ciphers/chacha.js'],
  ['packages/verify/src/record.ts', '@noble/hashes/sha2.js'],
  ['packages/verify/src/record.ts', 'pkijs'],
  ['src/server/server.ts', 'src/cli/main.ts'],
  ['src/web/app.tsx', 'src/server/server.ts'],
  ['src/stages.ts', 'src/cli/main.ts'],
  ['src/group/group.ts', 'src/overview.ts'],
  ['src/demo/demo.ts', 'src/log/case.ts'],
  ['src/intake/receive.ts', 'src/demo/demo.ts'],
  ['src/report/build.ts', 'src/report/case.fixture.ts'],
  ['src/protect/vault.ts', 'src/seal/records.ts'],
  ['src/attic/trunk.ts', 'src/log/log.ts'],
])('%s must not import %s', (from, to) => {
  expect(refusal(from, to)).not.toBeNull();
});

test.each([
  ['src/report/build.ts', 'src/group/records.ts'],
  ['src/report/content.test.ts', 'src/group/near.ts'],
  ['src/overview.ts', 'src/group/project.ts'],
  ['src/cli/commands/serve.ts', 'src/server/server.ts'],
  ['src/web/queries.ts', 'src/case/views.ts'],
  ['packages/verify/src/node-files.ts', 'node:fs'],
])('%s may import %s', (from, to) => {
  expect(refusal(from, to)).toBeNull();
});

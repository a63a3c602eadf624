// Builds the two verifiers that go with a bundle, dist/verify/verify.html and verify.mjs: one self-contained file each,
// the same bytes for the same sources, so that their SHA-256 can be published. Plain Node, as it runs at installation.
import { createHash } from 'node:crypto';
import { mkdirSync, readdirSync, readFileSync, realpathSync, renameSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = dirname(dirname(fileURLToPath(import.meta.url)));
const sources = join(root, 'packages/verify/src');

/** Builds both into a folder; gives name -> SHA-256. */
export async function buildVerifiers(folder = join(root, 'dist/verify')) {
  const built = { 'verify.html': await buildPage(), 'verify.mjs': await buildProgram() };
  mkdirSync(folder, { recursive: true });
  for (const [name, content] of Object.entries(built)) {
    // In one step: an export at the same time takes the old file or the new one.
    const unfinished = join(folder, `.${name}.${process.pid}`);
    writeFileSync(unfinished, content);
    renameSync(unfinished, join(folder, name));
  }
  return Object.fromEntries(Object.entries(built).map(([name, content]) => [name, sha256(content, 'hex')]));
}

function sha256(content, encoding) {
  return createHash('sha256').update(content).digest(encoding);
}

/** The Arabic letters of the page. */
const fonts = 'node_modules/@fontsource/noto-naskh-arabic';

const common = {
  bundle: true,
  minify: true,
  write: false,
  metafile: true,
  charset: 'utf8',
  legalComments: 'none',
  logLevel: 'error',
  absWorkingDir: root,
};

async function buildPage() {
  const { build, transform } = await import('esbuild');
  const page = join(sources, 'page');
  const script = await build({
    ...common,
    entryPoints: [join(page, 'page.ts')],
    platform: 'browser',
    target: ['chrome109', 'firefox115', 'safari16.4'],
    format: 'iife',
  });
  const css = readFileSync(join(page, 'page.css'), 'utf8').replaceAll(/url\('arabic-(\d+)\.woff2'\)/g, (_, weight) => {
    const letters = join(root, fonts, `files/noto-naskh-arabic-arabic-${weight}-normal.woff2`);
    return `url('data:font/woff2;base64,${readFileSync(letters, 'base64')}')`;
  });
  const style = await transform(css, { loader: 'css', minify: true });
  const parts = { style: style.code.trim(), script: script.outputFiles[0].text.trim() };
  let html = readFileSync(join(page, 'page.html'), 'utf8');
  for (const [name, content] of Object.entries(parts)) {
    if (/<\/(?:script|style)|\r/i.test(content)) throw new Error(`a ${name} that would end itself`);
    html = html
      .replace(`<!-- ${name} -->`, () => `<${name}>${content}</${name}>`)
      .replace(`${name}-hash`, `sha256-${sha256(content, 'base64')}`);
  }
  return `${html.trimEnd()}\n<!--\n${licences(script.metafile, fonts)}\n-->\n`;
}

async function buildProgram() {
  const { build } = await import('esbuild');
  const program = await build({
    ...common,
    entryPoints: [join(sources, 'main.ts')],
    platform: 'node',
    target: 'node20',
    format: 'esm',
    plugins: [threadWithin],
  });
  const start = '// Checks a Dalil bundle or case: node verify.mjs --help. Licences of what is in it stand at the end.';
  return `${start}\n${program.outputFiles[0].text.trim()}\n/*\n${licences(program.metafile)}\n*/\n`;
}

/** The hashing thread is a file of its own in the sources; here it comes within, as a data: address. */
const threadWithin = {
  name: 'thread within',
  setup(builder) {
    builder.onLoad({ filter: /[/\\]node-files\.ts$/ }, async ({ path }) => {
      const thread = await builder.esbuild.transform(readFileSync(join(sources, 'hash-thread.mjs'), 'utf8'), {
        minify: true,
      });
      const address = `data:text/javascript;base64,${Buffer.from(thread.code).toString('base64')}`;
      const source = readFileSync(path, 'utf8');
      const contents = source.replace("new URL('./hash-thread.mjs', import.meta.url)", `new URL('${address}')`);
      if (contents === source) throw new Error('node-files.ts no longer starts its thread as it did');
      return { contents, loader: 'ts' };
    });
  },
};

/** The licence of this project by name, and those of the packages that were built in, whole. */
function licences({ inputs }, ...others) {
  const folders = new Set(others);
  for (const input of Object.keys(inputs)) {
    const found = /^(.*node_modules\/(?:@[^/]+\/)?[^/]+)\//.exec(input.replaceAll('\\', '/'));
    if (found !== null) folders.add(found[1]);
  }
  const texts = [...folders].toSorted().map((folder) => {
    const path = realpathSync(join(root, folder));
    const { name, version, license } = JSON.parse(readFileSync(join(path, 'package.json'), 'utf8'));
    const file = readdirSync(path).find((entry) => /^licen[cs]e/i.test(entry));
    if (file === undefined) throw new Error(`${name} comes without its licence`);
    return `${name} ${version} (${license})\n\n${readFileSync(join(path, file), 'utf8').replaceAll('\r', '').trim()}`;
  });
  const text = ['Dalil verifier. Apache License 2.0. It contains:', ...texts].join('\n\n----\n\n');
  // Neither comment may end early.
  return text.replaceAll('-->', '- ->').replaceAll('*/', '* /').replaceAll('<!--', '< !--');
}

if (process.argv[1] !== undefined && realpathSync(process.argv[1]) === fileURLToPath(import.meta.url)) {
  for (const [name, hash] of Object.entries(await buildVerifiers(process.argv[2]))) console.log(`${hash}  ${name}`);
}

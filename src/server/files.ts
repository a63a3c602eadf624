// The built web application, read once into memory: what was not there at the start cannot be asked for, so no path
// of a request ever reaches the file system.
import { readFile, readdir } from 'node:fs/promises';
import { extname, join, relative, sep } from 'node:path';
import { promisify } from 'node:util';
import { gzip } from 'node:zlib';
import { Fault } from '../case/fault.ts';
import { contentSecurityPolicy, policyHash } from './headers.ts';

const types: Record<string, string> = {
  '.html': 'text/html; charset=utf-8',
  '.js': 'text/javascript; charset=utf-8',
  '.css': 'text/css; charset=utf-8',
  '.svg': 'image/svg+xml',
  '.ttf': 'font/ttf',
  '.woff2': 'font/woff2',
};

export interface WebFile {
  body: Uint8Array<ArrayBuffer>;
  /**
   * The same in the best of the encodings that are accepted (RFC 9110, 12.5.3): brotli as the build packed it, else gzip,
   * made when it is first asked for. Nothing secret is in these files, so their length tells nothing.
   */
  packed(accepted: string): Promise<{ encoding: 'br' | 'gzip' | null; bytes: Uint8Array<ArrayBuffer> }>;
  /** The policy of a page with scripts of its own within it, as the build wrote them; null for what has none. */
  policy: string | null;
  type: string;
  /** Its name carries a hash of its content, so it never changes. */
  immutable: boolean;
}

const pack = promisify(gzip);

/** The files below `root` by the path of their address ('/assets/x.js'). Fault `fault` where nothing was built there. */
export async function readWebFiles(root: string): Promise<ReadonlyMap<string, WebFile>> {
  const files = new Map<string, WebFile>();
  const entries = await readdir(root, { recursive: true, withFileTypes: true }).catch(() => []);
  for (const entry of entries) {
    const type = types[extname(entry.name)];
    if (!entry.isFile() || type === undefined) continue;
    const file = join(entry.parentPath, entry.name);
    const path = `/${relative(root, file).split(sep).join('/')}`;
    const body = new Uint8Array(await readFile(file));
    const brotli = await readFile(`${file}.br`).then(
      (bytes) => new Uint8Array(bytes),
      () => null,
    );
    let packing: Promise<Uint8Array<ArrayBuffer>> | null = null;
    const packed: WebFile['packed'] = async (accepted) => {
      if (brotli !== null && /\bbr\b/.test(accepted)) return { encoding: 'br', bytes: brotli };
      if (!/\bgzip\b/.test(accepted)) return { encoding: null, bytes: body };
      packing ??= pack(body, { level: 9 }).then((bytes) => new Uint8Array(bytes));
      return { encoding: 'gzip', bytes: await packing };
    };
    const policy = extname(entry.name) === '.html' ? policyOf(Buffer.from(body).toString()) : null;
    files.set(path, { body, packed, policy, type, immutable: path.startsWith('/assets/') });
  }
  if (!files.has('/index.html'))
    throw new Fault('fault', {
      what: 'The web application is not built.',
      expected: `index.html in ${root}`,
      next: 'npm run build',
    });
  return files;
}

/** Names the scripts within a page. It is the build's own page, so that its tags are as the build writes them. */
function policyOf(html: string): string | null {
  const scripts = [...html.matchAll(/<script>(.*?)<\/script>/gs)].map(([, text]) => policyHash(text!));
  return scripts.length === 0 ? null : contentSecurityPolicy(undefined, scripts);
}

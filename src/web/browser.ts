// A real browser for the tests: an installed Chromium or Chrome where there is one, else the one that comes through
// npm. It reaches this machine only and brings no fonts, so that a test sees what a bare machine shows.
import { execFile } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { existsSync } from 'node:fs';
import { mkdir, mkdtemp, rename, rm, writeFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { promisify } from 'node:util';
import { chromium } from 'playwright-core';
import type { Browser } from 'playwright-core';

const installed = [
  '/usr/bin/chromium',
  '/usr/bin/chromium-browser',
  '/usr/bin/google-chrome-stable',
  '/usr/bin/google-chrome',
  '/Applications/Google Chrome.app/Contents/MacOS/Google Chrome',
  '/Applications/Chromium.app/Contents/MacOS/Chromium',
];

interface Runnable {
  path: string;
  env: Record<string, string>;
}

/** The browser that comes through npm, unpacked once beside the dependencies, with the libraries a bare machine lacks. */
async function packedBrowser(): Promise<Runnable> {
  const entry = createRequire(import.meta.url).resolve('@sparticuz/chromium');
  const cache = join(entry.slice(0, entry.lastIndexOf('@sparticuz')), '.cache', 'dalil');
  const unpacked = join(cache, 'chromium');
  const path = join(unpacked, 'chromium');
  if (!existsSync(path)) {
    await mkdir(cache, { recursive: true });
    // The package unpacks into the temporary folder under a name that anyone can guess, and takes what lies there
    // already: so into a private one, and into place in one step, as several test files may come here at once.
    const own = await mkdtemp(join(cache, 'unpacking-'));
    const unpack = `const { default: packed } = await import('@sparticuz/chromium'); await packed.executablePath();`;
    await promisify(execFile)(process.execPath, ['--input-type=module', '-e', unpack], {
      cwd: dirname(entry),
      env: { ...process.env, TMPDIR: own, AWS_EXECUTION_ENV: 'nodejs20.x' },
    });
    await rename(own, unpacked).catch(async (error: unknown) => {
      await rm(own, { recursive: true });
      if (!existsSync(path)) throw error;
    });
  }
  // Its paths are absolute, so it is written each time: the clone may have moved. In one step, for the same reason.
  const fonts = join(unpacked, 'fonts.conf');
  const draft = `${fonts}.${randomUUID()}`;
  await writeFile(
    draft,
    `<?xml version="1.0"?><!DOCTYPE fontconfig SYSTEM "fonts.dtd"><fontconfig>
<dir>${join(unpacked, 'fonts', 'fonts')}</dir><cachedir>${join(unpacked, 'fonts-cache')}</cachedir></fontconfig>`,
  );
  await rename(draft, fonts);
  const { stdout } = await promisify(execFile)('ldd', [path]).catch(() => ({ stdout: '' }));
  return {
    path,
    env: {
      // One Latin face and nothing else, whatever this machine has: other letters come from the page or not at all.
      FONTCONFIG_FILE: fonts,
      ...(stdout.includes('not found') && { LD_LIBRARY_PATH: join(unpacked, 'al2023', 'lib') }),
    },
  };
}

/** Starts the browser: `DALIL_CHROMIUM`, else an installed one, else the packed one. Close it after use. */
export async function launchBrowser(): Promise<Browser> {
  const found = [process.env['DALIL_CHROMIUM'] ?? '', ...installed].find((path) => path !== '' && existsSync(path));
  const { path, env } = found === undefined ? await packedBrowser() : { path: found, env: {} };
  return chromium.launch({
    executablePath: path,
    env: { ...process.env, ...env },
    args: [
      ...(process.getuid?.() === 0 ? ['--no-sandbox'] : []),
      '--disable-background-networking',
      '--disable-component-update',
      '--disable-domain-reliability',
      '--disable-sync',
      '--no-pings',
      '--disable-gpu',
      '--font-render-hinting=none',
      '--host-resolver-rules=MAP * ~NOTFOUND , EXCLUDE 127.0.0.1 , EXCLUDE localhost',
    ],
  });
}

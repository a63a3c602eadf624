// The first screen over a poor line: `dalil serve`, a real Chromium held to 1.5 Mbit/s and a fourth of its processor, from
// an empty cache to the first content that it paints.
import { gzipSync } from 'node:zlib';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { Browser, CDPSession, Page } from 'playwright-core';
import { build } from 'vite';
import { serveCase } from '../src/cli/serve.fixture.ts';
import { launchBrowser } from '../src/web/browser.ts';
import { against, median, seconds, type Bench, type Benchmark, type Figure, type Outcome } from './benchmark.ts';

const bitsPerSecond = 1.5e6;
const latencyMs = 40;
const slowdown = 4;
const repeats = { full: 9, quick: 2 };
const paintLimit = 1;
const scriptLimit = 180_000;

export const web: Benchmark = {
  name: 'web',
  title: 'the first screen at 1.5 Mbit/s and a fourth of the processor',
  room: { full: 2e9, quick: 1e9 },
  run: measureWeb,
};

interface Loaded {
  /** Seconds from the start of the navigation. */
  painted: number;
  /** Until the case stands on it. */
  read: number;
  scripts: { name: string; gzipped: number }[];
  /** Bytes that went over the line. */
  transferred: number;
}

async function measureWeb(bench: Bench): Promise<Outcome> {
  const { size, folder, program } = bench;
  await build({
    configFile: fileURLToPath(new URL('../vite.config.ts', import.meta.url)),
    mode: 'production',
    logLevel: 'error',
  });
  const path = await program.newCase(join(folder, 'case'));
  await program.dalil('-C', path, 'run', '--source', 'bench', await bench.material.pictures(12));
  const env = { PATH: process.env['PATH'] ?? '', DALIL_HOME: program.home, NO_COLOR: '1' };
  const serving = await serveCase(env, path);
  const browser = await launchBrowser();
  try {
    const cookies = await signIn(browser, serving.link!);
    const loads: Loaded[] = [];
    for (let i = 0; i < repeats[size]; i++) {
      bench.say(`load ${String(i + 1)} of ${String(repeats[size])}`);
      loads.push(await load(browser, new URL('/', serving.link).href, cookies));
    }
    const { scripts, transferred } = loads[0]!;
    const bytes = scripts.reduce((sum, { gzipped }) => sum + gzipped, 0);
    const show = (n: number): string => `${n.toLocaleString('en')} bytes`;
    const figures: Figure[] = [
      against(
        'first contentful paint, median',
        median(loads.map(({ painted }) => painted)),
        paintLimit,
        seconds,
        'limit',
        1,
      ),
      against('the same, the slowest', Math.max(...loads.map(({ painted }) => painted)), paintLimit, seconds, 'limit'),
      against('until the case is read, median', median(loads.map(({ read }) => read)), null, seconds, 'a peer'),
      against('script of the first screen, gzipped', bytes, scriptLimit, show, 'limit', 1),
      against('all that went over the line', transferred, null, show, 'a peer'),
    ].map((figure) => ({ ...figure, peer: figure.peer?.includes('not installed') === true ? null : figure.peer }));
    return {
      figures,
      notes: [
        `Chromium ${browser.version()}, ${repeats[size]} loads, each in a context of its own with an empty cache and the session of the link; ${latencyMs} ms to the server and back, ${(bitsPerSecond / 1e6).toFixed(1)} Mbit/s down and up, ${slowdown} times slower script, all by the browser's own throttling. Browser and server share this machine.`,
        `Scripts: ${scripts.length} files, each packed by gzip for the figure; what the server really sends is under "all".`,
      ],
    };
  } finally {
    await browser.close();
    await serving.stop();
  }
}

/** Opens the link once, and gives the cookies that it left. */
async function signIn(
  browser: Browser,
  link: string,
): ReturnType<Awaited<ReturnType<Browser['newContext']>>['cookies']> {
  const context = await browser.newContext();
  const page = await context.newPage();
  await page.goto(link);
  await page.getByRole('heading', { level: 1 }).waitFor();
  const cookies = await context.cookies();
  await context.close();
  return cookies;
}

async function throttle(page: Page): Promise<CDPSession> {
  const session = await page.context().newCDPSession(page);
  await session.send('Network.enable');
  await session.send('Network.emulateNetworkConditions', {
    offline: false,
    latency: latencyMs,
    downloadThroughput: bitsPerSecond / 8,
    uploadThroughput: bitsPerSecond / 8,
  });
  await session.send('Emulation.setCPUThrottlingRate', { rate: slowdown });
  return session;
}

async function load(browser: Browser, url: string, cookies: Awaited<ReturnType<typeof signIn>>): Promise<Loaded> {
  const context = await browser.newContext({ viewport: { width: 1280, height: 800 }, locale: 'en' });
  try {
    await context.addCookies(cookies);
    const page = await context.newPage();
    await throttle(page);
    const bodies: Promise<{ name: string; gzipped: number }>[] = [];
    page.on('response', (response) => {
      const name = new URL(response.url()).pathname;
      if (!name.endsWith('.js')) return;
      bodies.push(response.body().then((body) => ({ name, gzipped: gzipSync(body).length })));
    });
    await page.goto(url, { waitUntil: 'commit' });
    await page.getByRole('heading', { level: 1 }).waitFor();
    const { painted, read, transferred } = await page.evaluate(() => ({
      painted: performance.getEntriesByName('first-contentful-paint')[0]?.startTime ?? Number.NaN,
      read: performance.now(),
      transferred: [...performance.getEntriesByType('resource'), ...performance.getEntriesByType('navigation')].reduce(
        (sum, entry) => sum + (entry as PerformanceResourceTiming).transferSize,
        0,
      ),
    }));
    return { painted: painted / 1000, read: read / 1000, transferred, scripts: await Promise.all(bodies) };
  } finally {
    await context.close();
  }
}

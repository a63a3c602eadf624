// The first screen over a poor line: `dalil serve`, a real Chromium held to 1.5 Mbit/s and a fourth of its processor, from
// an empty cache to the first thing that it paints, and to the case standing on it.
import { gzipSync } from 'node:zlib';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { Browser, Page } from 'playwright-core';
import { build } from 'vite';
import { serveCase } from '../src/cli/serve.fixture.ts';
import { launchBrowser } from '../src/web/browser.ts';
import { against, median, seconds, type Bench, type Benchmark, type Figure, type Outcome } from './benchmark.ts';

const bitsPerSecond = 1.5e6;
const latencyMs = 40;
const slowdown = 4;
const repeats = { full: 9, quick: 3 };
const paintLimit = 1;
const scriptLimit = 180_000;
const locales = ['en', 'ar'] as const;

export const web: Benchmark = {
  name: 'web',
  title: 'the first screen at 1.5 Mbit/s and a fourth of the processor',
  room: { full: 2e9, quick: 1e9 },
  run: measureWeb,
};

interface Loaded {
  /** Seconds from the start of the navigation: the first content painted, the frame of the page. */
  painted: number;
  /** Until the first frame painted with the case's own heading on it. */
  read: number;
  /** Until the largest thing painted by then was. */
  largest: number;
  /** The sum of all layout shifts (CLS without windows). */
  moved: number;
  scripts: { name: string; gzipped: number }[];
  /** Bytes that went over the line until then, heads and packed bodies: in all, and of scripts alone. */
  transferred: number;
  script: number;
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
    const url = new URL('/', serving.link).href;
    const loads = { en: [] as Loaded[], ar: [] as Loaded[] };
    for (let i = 0; i < repeats[size]; i++) {
      bench.say(`load ${String(i + 1)} of ${String(repeats[size])}`);
      for (const locale of locales) loads[locale].push(await load(browser, url, locale, cookies));
    }
    return {
      figures: locales.flatMap((locale) => figuresOf(locale === 'en' ? 'English' : 'Arabic', loads[locale])),
      notes: [
        `Chromium ${browser.version()}, ${repeats[size]} loads in each language, in turns, each in a context of its own with an empty cache and the session of the link; ${latencyMs} ms to the server and back, ${(bitsPerSecond / 1e6).toFixed(1)} Mbit/s down and up, ${slowdown} times slower script, all by the browser's own throttling. Browser and server share this machine.`,
        'The first content is the frame of the page, which stands in the HTML; the case is read when its heading has been painted. On such a line words are drawn in the faces of the machine, and ours come afterwards.',
        `Scripts: ${loads.en[0]!.scripts.length} files, each packed by gzip for the figure with the limit; over the line they go as the server sends them, by brotli, and are counted with their heads.`,
      ],
    };
  } finally {
    await browser.close();
    await serving.stop();
  }
}

function figuresOf(language: string, loads: readonly Loaded[]): Figure[] {
  const bytes = (n: number): string => `${n.toLocaleString('en')} bytes`;
  const of = (part: 'painted' | 'read' | 'largest'): number[] => loads.map((one) => one[part]);
  const limit = (what: string, ours: number): Figure =>
    against(`${language}: ${what}`, ours, paintLimit, seconds, 'limit', 1);
  const told = (what: string, ours: string): Figure => ({
    what: `${language}: ${what}`,
    ours,
    peer: null,
    ratio: null,
    target: null,
    met: null,
  });
  const { scripts, script, transferred } = loads[0]!;
  const gzipped = scripts.reduce((sum, one) => sum + one.gzipped, 0);
  return [
    limit('first contentful paint, median', median(of('painted'))),
    limit('the case is read, median', median(of('read'))),
    limit('the case is read, the slowest', Math.max(...of('read'))),
    limit('largest contentful paint by then, median', median(of('largest'))),
    against(`${language}: script of the first screen, gzipped`, gzipped, scriptLimit, bytes, 'limit', 1),
    told('script over the line', bytes(script)),
    told('all over the line', bytes(transferred)),
    told('layout shifts, the worst', Math.max(...loads.map(({ moved }) => moved)).toFixed(3)),
  ];
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

async function throttle(page: Page): Promise<void> {
  const session = await page.context().newCDPSession(page);
  await session.send('Network.enable');
  await session.send('Network.emulateNetworkConditions', {
    offline: false,
    latency: latencyMs,
    downloadThroughput: bitsPerSecond / 8,
    uploadThroughput: bitsPerSecond / 8,
  });
  await session.send('Emulation.setCPUThrottlingRate', { rate: slowdown });
}

/** Runs in the page before anything else: notes when the heading has been painted, the largest paint, and what moved. */
function watch(): void {
  const seen = { read: 0, largest: 0, moved: 0 };
  Object.assign(window, { seen });
  const look = new MutationObserver(() => {
    if (document.querySelector('h1') === null) return;
    look.disconnect();
    // The frame after the one that this change is painted in.
    requestAnimationFrame(() => requestAnimationFrame(() => (seen.read = performance.now())));
  });
  look.observe(document, { childList: true, subtree: true });
  new PerformanceObserver((list) => {
    for (const entry of list.getEntries()) seen.largest = entry.startTime;
  }).observe({ type: 'largest-contentful-paint', buffered: true });
  new PerformanceObserver((list) => {
    for (const entry of list.getEntries()) seen.moved += (entry as PerformanceEntry & { value: number }).value;
  }).observe({ type: 'layout-shift', buffered: true });
}

async function load(
  browser: Browser,
  url: string,
  locale: string,
  cookies: Awaited<ReturnType<typeof signIn>>,
): Promise<Loaded> {
  const context = await browser.newContext({ viewport: { width: 1280, height: 800 }, locale });
  try {
    await context.addCookies(cookies);
    await context.addInitScript(watch);
    const page = await context.newPage();
    await throttle(page);
    const bodies: Promise<{ name: string; gzipped: number }>[] = [];
    page.on('response', (response) => {
      const name = new URL(response.url()).pathname;
      if (!name.endsWith('.js')) return;
      bodies.push(response.body().then((body) => ({ name, gzipped: gzipSync(body).length })));
    });
    await page.goto(url, { waitUntil: 'commit' });
    await page.waitForFunction(() => (window as unknown as { seen: { read: number } }).seen.read > 0);
    const got = await page.evaluate(() => {
      const { seen } = window as unknown as { seen: { read: number; largest: number; moved: number } };
      const entries = [...performance.getEntriesByType('navigation'), ...performance.getEntriesByType('resource')];
      return {
        ...seen,
        painted: performance.getEntriesByName('first-contentful-paint')[0]?.startTime ?? Number.NaN,
        files: (entries as PerformanceResourceTiming[])
          .filter(({ responseEnd }) => responseEnd > 0 && responseEnd <= seen.read)
          .map(({ name, transferSize }) => ({ name, transferSize })),
      };
    });
    const { painted, read, largest, moved, files } = got;
    const sum = (some: typeof files): number => some.reduce((total, { transferSize }) => total + transferSize, 0);
    return {
      moved,
      transferred: sum(files),
      script: sum(files.filter(({ name }) => name.endsWith('.js'))),
      painted: painted / 1000,
      read: read / 1000,
      largest: largest / 1000,
      scripts: await Promise.all(bodies),
    };
  } finally {
    await context.close();
  }
}

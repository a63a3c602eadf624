// The web application in a real browser, for the tests of its screens: built once, watched for anything that it says to
// others or complains of, and asked about accessibility by axe (WCAG 2.2 AA).
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Browser, BrowserContext, BrowserContextOptions, Page } from 'playwright-core';
import { build } from 'vite';
import { vi } from 'vitest';
import { launchBrowser } from './browser.ts';

export interface Web {
  /** The folder of the built application. */
  root: string;
  browser: Browser;
  close(): Promise<void>;
}

/** Builds the application and starts a browser. `mode` development keeps what a build leaves out. */
export async function openWeb(mode: 'production' | 'development' = 'production'): Promise<Web> {
  const root = await mkdtemp(join(tmpdir(), 'dalil-built-'));
  // The test runner says that this is a test, and React would then be built for development.
  vi.stubEnv('NODE_ENV', mode);
  await build({
    configFile: join(import.meta.dirname, '..', '..', 'vite.config.ts'),
    mode,
    logLevel: 'error',
    build: { outDir: root },
  });
  vi.unstubAllEnvs();
  const browser = await launchBrowser();
  return {
    root,
    browser,
    close: async () => {
      await browser.close();
      await rm(root, { recursive: true });
    },
  };
}

export interface Watched {
  context: BrowserContext;
  page: Page;
  /** What no test may leave behind: words on the console, errors, refusals by the policy, requests beyond `origin`. */
  complaints: string[];
}

/** A page in a context of its own, which complains of all that it should not do. */
export async function watchedPage(
  browser: Browser,
  origin: string,
  options: BrowserContextOptions = {},
): Promise<Watched> {
  const complaints: string[] = [];
  const context = await browser.newContext({ viewport: { width: 1280, height: 800 }, ...options });
  await context.addInitScript(() => {
    const shifts: number[] = [];
    Object.assign(window, { shifts });
    new PerformanceObserver((list) => {
      for (const entry of list.getEntries()) shifts.push((entry as PerformanceEntry & { value: number }).value);
    }).observe({ type: 'layout-shift', buffered: true });
    document.addEventListener('securitypolicyviolation', (event) =>
      // eslint-disable-next-line no-console -- the console is what the test reads
      console.error(`policy: ${event.violatedDirective} ${event.blockedURI}`),
    );
  });
  const page = await context.newPage();
  page.on('console', (message) => complaints.push(`console: ${message.text()} ${message.location().url}`));
  page.on('pageerror', (error) => complaints.push(`error: ${error.message}`));
  page.on('request', (request) => {
    if (!request.url().startsWith(origin)) complaints.push(`request beyond the origin: ${request.url()}`);
  });
  return { context, page, complaints };
}

/** Gives a page a passkey device that says yes to everything. */
export async function withAuthenticator(context: BrowserContext, page: Page): Promise<void> {
  const devtools = await context.newCDPSession(page);
  await devtools.send('WebAuthn.enable');
  await devtools.send('WebAuthn.addVirtualAuthenticator', {
    options: {
      protocol: 'ctap2',
      transport: 'internal',
      hasResidentKey: true,
      hasUserVerification: true,
      isUserVerified: true,
      automaticPresenceSimulation: true,
    },
  });
}

let axe: string | undefined;

/** What axe finds wrong by the rules of WCAG 2.2 AA: rule and place. */
export async function axeFindings(page: Page): Promise<string[]> {
  axe ??= await readFile(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');
  await page.evaluate(axe);
  return page.evaluate(async () => {
    const { axe: asked } = window as unknown as {
      axe: { run(options: object): Promise<{ violations: { id: string; nodes: { html: string }[] }[] }> };
    };
    const tags = ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa', 'best-practice'];
    const { violations } = await asked.run({ runOnly: { type: 'tag', values: tags } });
    return violations.flatMap(({ id, nodes }) => nodes.map(({ html }) => `${id}: ${html.slice(0, 160)}`));
  });
}

/** What stands beyond the sides of the page, and what is pressed but smaller than 24 by 24 pixels. */
export async function misfits(page: Page): Promise<string[]> {
  return page.evaluate(() => {
    const shown = (node: Element): boolean => node.checkVisibility() && node.getBoundingClientRect().width > 0;
    const wide = [...document.querySelectorAll('body *')]
      .filter((node) => !node.matches('.spoken, .spoken *, thead *, thead, .skip') && shown(node))
      .filter((node) => {
        const { left, right } = node.getBoundingClientRect();
        return right > document.documentElement.clientWidth + 1 || left < -1;
      })
      .map((node) => `too wide: ${node.tagName} ${node.className.toString()}`);
    const small = [...document.querySelectorAll('a:not(.skip), button, summary, select, input')]
      .filter((node) => shown(node))
      .filter((node) => {
        const { width, height } = node.getBoundingClientRect();
        return width < 24 || height < 24;
      })
      .map((node) => `too small: ${node.tagName} ${node.textContent ?? ''}`);
    return [...wide, ...small];
  });
}

// What a walk through the whole application needs besides its screens: a made-up cache to bring in, the machine's stages
// between two acts of people, and the words of the language that is walked in.
import { mkdtemp, readdir, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Page } from 'playwright-core';
import { expect } from 'vitest';
import { makeDemo } from '../demo/demo.ts';
import { demoRules } from '../demo/rules.ts';
import type { DemoTruth } from '../demo/truth.ts';
import { describe } from '../describe/describe.ts';
import { describeDocuments } from '../describe/document-pass.ts';
import { group, settleRules } from '../group/group.ts';
import { parseRules } from '../group/identifier.ts';
import { ourPartition, readCardsWithCrops, truePartition } from '../group/reader.fixture.ts';
import type { OpenCase } from '../log/case.ts';
import { axeFindings } from './web.fixture.ts';

/** Of this seed a body stands under two numbers, two stand under one, and some pictures wait to be put somewhere. */
const seed = 'walk 2';

export interface Cache {
  /** The folder that the browser is given. */
  folder: string;
  truth: DemoTruth;
  /** Files in it and their bytes, as they lie on the disk. */
  files: number;
  bytes: number;
  close(): Promise<void>;
}

/** Some 250 files, with a letter in Arabic beside them. */
export async function makeCache(): Promise<Cache> {
  const directory = await mkdtemp(join(tmpdir(), 'dalil-walk-'));
  const truth = await makeDemo({ directory, individuals: 30, seed, megapixels: 0.3, mistakes: true });
  const folder = join(directory, 'cache');
  await writeFile(join(folder, 'رسالة.txt'), 'أرسل المصوّر هذه الصور من المستشفى في خريف السنة الثانية.\n');
  const entries = await readdir(folder, { recursive: true, withFileTypes: true });
  const sizes = await Promise.all(
    entries
      .filter((entry) => entry.isFile())
      .map(async (entry) => (await stat(join(entry.parentPath, entry.name))).size),
  );
  return {
    folder,
    truth,
    files: sizes.length,
    bytes: sizes.reduce((sum, size) => sum + size, 0),
    close: () => rm(directory, { recursive: true }),
  };
}

/** Names say nothing of numbers here: all that is known of a body is what its cards say, and people. */
const rules = parseRules({
  ...demoRules,
  patterns: demoRules.patterns.filter(({ category }) => category !== 'detainee'),
});

/** The machine's first run over what was received. */
export async function runStages(opened: OpenCase, truth: DemoTruth): Promise<void> {
  await describe(opened);
  await describeDocuments(opened, { threads: 1 });
  await settleRules(opened, rules);
  await readCardsWithCrops(opened, truth, seed);
  await group(opened, { rules });
}

/** `dalil group`, after people have decided. */
export const groupAgain = (opened: OpenCase): Promise<unknown> => group(opened, { rules });

/** The pictures of each individual as we have them, by whose body they truly show. */
export async function bodiesOf(opened: OpenCase, truth: DemoTruth): Promise<Map<string, Map<string, string[]>>> {
  const [whose, ours] = [await truePartition(opened, truth), await ourPartition(opened)];
  const found = new Map<string, Map<string, string[]>>();
  for (const [item, individual] of ours) {
    const bodies = found.get(individual) ?? new Map<string, string[]>();
    const body = whose.get(item) ?? 'nobody';
    bodies.set(body, [...(bodies.get(body) ?? []), item]);
    found.set(individual, bodies);
  }
  return found;
}

/** Without a finding of axe, in light and dark, and written in the direction of its language. */
export async function looked(page: Page, screen: string, dir: 'ltr' | 'rtl'): Promise<void> {
  expect([screen, await page.evaluate(() => document.documentElement.dir)]).toEqual([screen, dir]);
  for (const colorScheme of ['dark', 'light'] as const) {
    await page.emulateMedia({ colorScheme });
    expect([screen, colorScheme, await axeFindings(page)]).toEqual([screen, colorScheme, []]);
  }
}

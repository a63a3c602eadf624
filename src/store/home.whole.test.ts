// The list of cases under several processes, one of them killed.

import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { openHome, readCases } from './home.ts';
import { runScript } from './process.fixture.ts';

test('processes that change the list of cases at once lose no change, and a killed one leaves it whole', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'dalil-test-'));
  try {
    const home = await openHome(join(folder, 'home'));
    const add = (name: string, count: number): string => `
      const { openHome, updateCases } = await import(store + 'home.ts');
      const home = await openHome(${JSON.stringify(home.path)});
      for (let i = 0; i < ${count}; i++) {
        await updateCases(home, (cases) => ({ ...cases, ['${name}' + i]: { folder: '/' + i } }));
        if (i === 0) console.log('begun');
      }
      console.log('done');`;
    const killed = runScript(add('killed', 1_000_000));
    expect(await killed.line()).toBe('begun');
    const all = ['a', 'b', 'c'].map((name) => runScript(add(name, 15)));
    await Promise.all(all.map((script) => script.line()));
    killed.child.kill('SIGKILL');
    expect(await Promise.all(all.map((script) => script.line()))).toEqual(['done', 'done', 'done']);
    const names = Object.keys(await readCases(home)).filter((name) => !name.startsWith('killed'));
    expect(names.length).toBe(45);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
});

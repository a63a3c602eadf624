// A home and a database of its own for each test file, on the cluster of the test run (test-cluster.ts).

import { randomBytes } from 'node:crypto';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import pg from 'pg';
import { startTestCluster, templateDatabase, testClusterVariable } from './test-cluster.ts';

export interface TestHome {
  /** Path of an empty home. */
  home: string;
  /** This process's environment, with DALIL_HOME and DATABASE_URL: for our own calls and for child processes. */
  env: Record<string, string>;
  /** Drops the database, whoever is connected to it, and removes the home. */
  close(): Promise<void>;
}

/** A fresh home with a fresh database. Outside such a run, a cluster is started for it, and stopped by `close`. */
export async function openTestHome(): Promise<TestHome> {
  const shared = process.env[testClusterVariable];
  const own = shared ? undefined : await startTestCluster();
  const url = shared || own!.url;
  const name = `test_${randomBytes(8).toString('hex')}`;
  await administer(url, `create database ${name} template ${templateDatabase} strategy file_copy`);
  const home = await mkdtemp(join(tmpdir(), 'dalil-home-'));
  const inherited = Object.entries(process.env).filter((entry): entry is [string, string] => entry[1] !== undefined);
  return {
    home,
    env: {
      ...Object.fromEntries(inherited),
      DALIL_HOME: home,
      DATABASE_URL: url.replace('@/postgres?', `@/${name}?`),
    },
    close: async () => {
      if (own === undefined) await administer(url, `drop database if exists ${name} with (force)`);
      await own?.close();
      await rm(home, { recursive: true, force: true });
    },
  };
}

async function administer(url: string, statement: string): Promise<void> {
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  try {
    await client.query(statement);
  } finally {
    await client.end();
  }
}

// One PostgreSQL for a whole test run: a global setup of vitest. It has a template from which each test file gets a
// database of its own in some 25 ms, instead of a cluster of its own in a second.

import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { openIndex } from './index-database.ts';
import { blockingFolder } from './postgres-binaries.ts';
import { openCluster } from './postgres.ts';

/** The environment variable that leads test files to the cluster of their run. */
export const testClusterVariable = 'DALIL_TEST_CLUSTER';

/** The database that has the extensions, to copy. Nobody connects to it. */
export const templateDatabase = 'template_dalil';

/**
 * A folder for temporary homes: as root, one that the user of the server can reach, which a private TMPDIR is not.
 */
export async function temporaryFolder(): Promise<string> {
  const server = process.getuid?.() === 0 ? { uid: 65534, gid: 65534 } : undefined;
  return (await blockingFolder(tmpdir(), server)) === undefined ? tmpdir() : '/tmp';
}

/** Starts a cluster in a temporary home and makes the template. `close` ends it and removes the home. */
export async function startTestCluster(): Promise<{ url: string; close(): Promise<void> }> {
  const home = await mkdtemp(join(await temporaryFolder(), 'dalil-test-'));
  const env = { ...process.env, DATABASE_URL: '' };
  // What a power cut would cost is of no interest here.
  const settings = { fsync: 'off', full_page_writes: 'off', max_connections: '200' };
  const cluster = await openCluster({ home, env, settings });
  const index = await openIndex({ home, env, schema: 'extensions' });
  await index.pool.query(`create database ${templateDatabase}`);
  await index.close();
  const template = await openIndex({
    home,
    env: { DATABASE_URL: cluster.url(templateDatabase) },
    schema: 'extensions',
  });
  await template.close();
  return {
    url: cluster.url('postgres'),
    close: async () => {
      await cluster.close();
      await rm(home, { recursive: true, force: true });
    },
  };
}

/** For vitest's `globalSetup`. */
export default async function setUp(): Promise<() => Promise<void>> {
  const cluster = await startTestCluster();
  process.env[testClusterVariable] = cluster.url;
  return cluster.close;
}

// Kysely by its CommonJS build: its 300 ES modules take 300 ms to load one by one, this one 60, at every command.
import { createRequire } from 'node:module';

const kysely = createRequire(import.meta.url)('kysely') as typeof import('kysely');

export const { Kysely, PostgresDialect, sql } = kysely;

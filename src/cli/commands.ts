// All commands, in the order of the help. Each is loaded when it is asked for: `dalil status` needs no typesetter.
import type { Command } from './command.ts';

export const commands: ReadonlyMap<string, () => Promise<Command>> = new Map([
  ['new', async () => (await import('./commands/make.ts')).newCommand],
  ['intake', async () => (await import('./commands/work.ts')).intakeCommand],
  ['describe', async () => (await import('./commands/work.ts')).describeCommand],
  ['read', async () => (await import('./commands/work.ts')).readCommand],
  ['group', async () => (await import('./commands/work.ts')).groupCommand],
  ['run', async () => (await import('./commands/work.ts')).runCommand],
  ['status', async () => (await import('./commands/see.ts')).statusCommand],
  ['imports', async () => (await import('./commands/work.ts')).importsCommand],
  ['items', async () => (await import('./commands/see.ts')).itemsCommand],
  ['individuals', async () => (await import('./commands/see.ts')).individualsCommand],
  ['search', async () => (await import('./commands/search.ts')).searchCommand],
  ['cameras', async () => (await import('./commands/examine.ts')).camerasCommand],
  ['sequence', async () => (await import('./commands/examine.ts')).sequenceCommand],
  ['chance', async () => (await import('./commands/examine.ts')).chanceCommand],
  ['near', async () => (await import('./commands/near.ts')).nearCommand],
  ['conflicts', async () => (await import('./commands/settle.ts')).conflictsCommand],
  ['queue', async () => (await import('./commands/settle.ts')).queueCommand],
  ['settle', async () => (await import('./commands/settle.ts')).settleCommand],
  ['tag', async () => (await import('./commands/tag.ts')).tagCommand],
  ['tasks', async () => (await import('./commands/tasks.ts')).tasksCommand],
  ['dossier', async () => (await import('./commands/publish.ts')).dossierCommand],
  ['export', async () => (await import('./commands/publish.ts')).exportCommand],
  ['redact', async () => (await import('./commands/redact.ts')).redactCommand],
  ['vault', async () => (await import('./commands/vault.ts')).vaultCommand],
  ['custody', async () => (await import('./commands/custody.ts')).custodyCommand],
  ['fixity', async () => (await import('./commands/fixity.ts')).fixityCommand],
  ['destroy', async () => (await import('./commands/destroy.ts')).destroyCommand],
  ['timestamp', async () => (await import('./commands/seal.ts')).timestampCommand],
  ['checkpoint', async () => (await import('./commands/seal.ts')).checkpointCommand],
  ['keys', async () => (await import('./commands/keys.ts')).keysCommand],
  ['backup', async () => (await import('./commands/backup.ts')).backupCommand],
  ['restore', async () => (await import('./commands/backup.ts')).restoreCommand],
  ['verify', async () => (await import('./commands/check.ts')).verifyCommand],
  ['rebuild', async () => (await import('./commands/check.ts')).rebuildCommand],
  ['serve', async () => (await import('./commands/serve.ts')).serveCommand],
  ['accounts', async () => (await import('./commands/accounts.ts')).accountsCommand],
  ['demo', async () => (await import('./commands/make.ts')).demoCommand],
]);

/** The help's parts, each command in one of them. */
export const parts: readonly { title: string; names: readonly string[] }[] = [
  { title: 'The work', names: ['new', 'intake', 'describe', 'read', 'group', 'run', 'dossier', 'redact', 'export'] },
  { title: 'See', names: ['status', 'search', 'imports', 'items', 'individuals', 'near', 'serve'] },
  { title: 'Examine', names: ['cameras', 'sequence', 'chance'] },
  { title: 'Decide', names: ['queue', 'settle', 'conflicts', 'tag', 'tasks'] },
  {
    title: 'Keep and protect',
    names: [
      'timestamp',
      'checkpoint',
      'custody',
      'fixity',
      'destroy',
      'keys',
      'vault',
      'accounts',
      'backup',
      'restore',
    ],
  },
  { title: 'Check', names: ['verify', 'rebuild'] },
  { title: 'Try', names: ['demo'] },
];

/** The command of this name, or null. */
export async function findCommand(name: string | undefined): Promise<Command | null> {
  return (await commands.get(name ?? '')?.()) ?? null;
}

export function allCommands(): Promise<Command[]> {
  return Promise.all([...commands.values()].map((load) => load()));
}

// All commands, in the order of the help.
import type { Command } from './command.ts';
import { rebuildCommand, verifyCommand } from './commands/check.ts';
import { demoCommand, newCommand } from './commands/make.ts';
import { dossierCommand, exportCommand } from './commands/publish.ts';
import { individualsCommand, itemsCommand, statusCommand } from './commands/see.ts';
import { serveCommand } from './commands/serve.ts';
import { describeCommand, groupCommand, intakeCommand, runCommand } from './commands/work.ts';

export const commands: readonly Command[] = [
  newCommand,
  intakeCommand,
  describeCommand,
  groupCommand,
  runCommand,
  statusCommand,
  itemsCommand,
  individualsCommand,
  dossierCommand,
  exportCommand,
  verifyCommand,
  rebuildCommand,
  serveCommand,
  demoCommand,
];

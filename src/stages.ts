// The stages of the work, in their order. The CLI's help, the web menu, `status` and the docs are made from this list.
import type { StageName } from './case/views.ts';
import { cardProjection } from './describe/card-project.ts';
import { describeProjection } from './describe/project.ts';
import { groupProjection } from './group/project.ts';
import { intakeProjection } from './intake/project.ts';
import type { Projection } from './log/projection.ts';
import { protectProjection } from './protect/project.ts';
import { reportProjection } from './report/project.ts';
import { searchProjection } from './search/project.ts';
import { sealProjection } from './seal/project.ts';
import { timelineProjection } from './timeline.ts';

export interface Stage {
  name: StageName;
  /** The command that does it. */
  command: string;
  title: string;
  summary: string;
  projection: Projection;
}

export const stages: readonly Stage[] = [
  {
    name: 'intake',
    command: 'dalil intake <path…> --source PSEUDONYM',
    title: 'Receive and seal',
    summary: 'take in folders, files and archives; every file sealed, a duplicate, or in quarantine with its reason',
    projection: intakeProjection,
  },
  {
    name: 'describe',
    command: 'dalil describe',
    title: 'Describe each file',
    summary: 'format, dimensions, metadata, perceptual hash, thumbnail; how far a broken picture decodes',
    projection: describeProjection,
  },
  {
    name: 'read',
    command: 'dalil read',
    title: 'Read number cards',
    summary: 'numbers on cards, tape and skin, Latin and Arabic-Indic, each with its probability',
    projection: cardProjection,
  },
  {
    name: 'group',
    command: 'dalil group [--rules FILE]',
    title: 'Numbers into individuals',
    summary: 'identifiers and categories from names by the rules of the case; near-duplicates; individuals',
    projection: groupProjection,
  },
  {
    name: 'report',
    command: 'dalil dossier build <id>',
    title: 'Dossier and bundle',
    summary: 'a dossier whose every sentence leads to its evidence, and a bundle that strangers can verify',
    projection: reportProjection,
  },
];

export const projections: readonly Projection[] = [
  protectProjection,
  sealProjection,
  ...stages.map((stage) => stage.projection),
  // Last: they read the rows of the others.
  timelineProjection,
  searchProjection,
];

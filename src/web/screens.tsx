// The screens there are, by stage of the work: the shell makes its menu and its routes from this list. All but the first
// come when they are asked for, so that a poor line carries only what is shown.
import { lazy } from 'react';
import type { ComponentType } from 'react';
import type { StageName } from '../case/views.ts';
import { casePage, logReaders } from './door.ts';
import type { For } from './door.ts';
import type { Messages } from './messages/en.ts';
import { CaseScreen } from './screens/case/case.tsx';

export interface Screen {
  /** The pattern of its address; `:name` is handed to the screen as a property. */
  path: string;
  /** The stage under which the menu has it; null above all stages. */
  stage: StageName | null;
  /** False where other screens lead to it. */
  menu: boolean;
  /** Whom it is for; who works on evidence where left out. */
  whom?: For;
  name: (m: Messages) => string;
  Screen: ComponentType<Record<string, string>>;
}

export const screens: readonly Screen[] = [
  { path: '/', stage: null, menu: true, whom: casePage, name: (m) => m.case.screen, Screen: CaseScreen },
  {
    path: '/search',
    stage: null,
    menu: true,
    name: (m) => m.search.title,
    Screen: lazy(async () => ({ default: (await import('./screens/search/search.tsx')).SearchScreen })),
  },
  {
    path: '/timeline',
    stage: 'describe',
    menu: true,
    name: (m) => m.timeline.title,
    Screen: lazy(async () => ({ default: (await import('./screens/timeline/timeline.tsx')).TimelineScreen })),
  },
  {
    path: '/tasks',
    stage: null,
    menu: true,
    name: (m) => m.tasks.title,
    Screen: lazy(async () => ({ default: (await import('./screens/tasks/tasks.tsx')).TasksScreen })),
  },
  {
    path: '/activity',
    stage: null,
    menu: true,
    whom: logReaders,
    name: (m) => m.activity.title,
    Screen: lazy(async () => ({ default: (await import('./screens/activity/activity.tsx')).ActivityScreen })),
  },
  {
    path: '/activity/:position',
    stage: null,
    menu: false,
    whom: logReaders,
    name: (m) => m.activity.proof,
    Screen: lazy(async () => ({ default: (await import('./screens/activity/proof.tsx')).ProofScreen })),
  },
  {
    path: '/verify',
    stage: null,
    menu: true,
    name: (m) => m.verify.title,
    Screen: lazy(async () => ({ default: (await import('./screens/verify/verify.tsx')).VerifyScreen })),
  },
  {
    path: '/intake',
    stage: 'intake',
    menu: true,
    whom: ['archivist'],
    name: (m) => m.intake.title,
    Screen: lazy(async () => ({ default: (await import('./screens/intake/intake.tsx')).IntakeScreen })),
  },
  {
    path: '/sources',
    stage: 'intake',
    menu: true,
    name: (m) => m.sources.title,
    Screen: lazy(async () => ({ default: (await import('./screens/sources/sources.tsx')).SourcesScreen })),
  },
  {
    path: '/queues/numbers',
    stage: 'read',
    menu: true,
    whom: ['analyst'],
    name: (m) => m.queues.numbers,
    Screen: lazy(async () => ({ default: (await import('./screens/queues/numbers.tsx')).NumbersScreen })),
  },
  {
    path: '/queues/merges',
    stage: 'group',
    menu: true,
    whom: ['analyst'],
    name: (m) => m.queues.merges,
    Screen: lazy(async () => ({ default: (await import('./screens/queues/merges.tsx')).MergesScreen })),
  },
  {
    path: '/queues/categories',
    stage: 'group',
    menu: true,
    whom: ['analyst'],
    name: (m) => m.queues.categories,
    Screen: lazy(async () => ({ default: (await import('./screens/queues/categories.tsx')).CategoriesScreen })),
  },
  {
    path: '/individuals/:handle',
    stage: 'group',
    menu: false,
    name: (m) => m.individual.name,
    Screen: lazy(async () => ({ default: (await import('./screens/individuals/individual.tsx')).IndividualScreen })),
  },
  {
    path: '/table',
    stage: 'group',
    menu: false,
    whom: ['analyst', 'lead'],
    name: (m) => m.lightTable.title,
    Screen: lazy(async () => ({ default: (await import('./screens/table/light-table.tsx')).LightTableScreen })),
  },
  {
    path: '/items/:handle',
    stage: 'describe',
    menu: false,
    name: (m) => m.queues.picture,
    Screen: lazy(async () => ({ default: (await import('./screens/items/item.tsx')).ItemScreen })),
  },
  {
    path: '/viewing',
    stage: null,
    menu: true,
    whom: 'signed-in',
    name: (m) => m.viewing.name,
    Screen: lazy(async () => ({ default: (await import('./screens/viewing/viewing.tsx')).ViewingScreen })),
  },
  {
    path: '/settings',
    stage: null,
    menu: true,
    whom: 'signed-in',
    name: (m) => m.settings.title,
    Screen: lazy(async () => ({ default: (await import('./screens/settings/settings.tsx')).SettingsScreen })),
  },
  {
    path: '/people',
    stage: null,
    menu: true,
    whom: ['administrator'],
    name: (m) => m.people.screen,
    Screen: lazy(async () => ({ default: (await import('./screens/people/people.tsx')).PeopleScreen })),
  },
  {
    path: '/account',
    stage: null,
    menu: true,
    whom: 'signed-in',
    name: (m) => m.account.screen,
    Screen: lazy(async () => ({ default: (await import('./screens/people/account.tsx')).AccountScreen })),
  },
  // Only while developing: a build leaves it out.
  ...(import.meta.env.DEV
    ? [
        {
          path: '/parts',
          stage: null,
          menu: true,
          whom: casePage,
          name: () => 'Parts',
          Screen: lazy(async () => ({ default: (await import('./screens/parts/parts.tsx')).PartsScreen })),
        },
      ]
    : []),
];

const door = lazy(async () => ({ default: (await import('./screens/people/sign-in.tsx')).SignInScreen }));
const join = lazy(async () => ({ default: (await import('./screens/people/join.tsx')).JoinScreen }));
const setUp = lazy(async () => ({ default: (await import('./screens/people/set-up.tsx')).SetUpScreen }));

/** Screens that stand before the door: their addresses are nobody's in particular. */
export const doorScreens = {
  signIn: { name: (m: Messages) => m.door.signIn, Screen: door },
  join: { path: '/join', name: (m: Messages) => m.join.title, Screen: join },
  setUp: { path: '/set-up', name: (m: Messages) => m.setUp.screen, Screen: setUp },
} as const;

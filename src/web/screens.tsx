// The screens there are, in the order of the menu: the shell makes its navigation and its routes from this list.
import type { ComponentType } from 'react';
import type { Messages } from './messages/en.ts';
import { CaseScreen } from './screens/case/case.tsx';

export interface Screen {
  /** The path of its address. */
  path: string;
  name: (m: Messages) => string;
  Screen: ComponentType;
}

export const screens: readonly Screen[] = [{ path: '/', name: (m) => m.case.screen, Screen: CaseScreen }];

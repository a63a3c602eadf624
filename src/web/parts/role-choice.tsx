// Roles, to read and to choose: each with what it may do.
import type { ReactNode } from 'react';
import { roles, type Role } from '../../protect/roles.ts';
import { useLanguage } from '../language.tsx';
import { Check } from './form.tsx';

/** Names of roles, in their order. */
export function RoleNames({ held, none }: { held: readonly Role[]; none: string }): ReactNode {
  const { m } = useLanguage();
  return <>{held.length === 0 ? none : held.map((role) => m.roleNames[role]).join(m.app.comma)}</>;
}

interface RoleChoiceParts {
  title: string;
  chosen: readonly Role[];
  onChosen: (chosen: Role[]) => void;
}

export function RoleChoice({ title, chosen, onChosen }: RoleChoiceParts): ReactNode {
  const { m } = useLanguage();
  return (
    <fieldset className="stack roles">
      <legend>{title}</legend>
      {roles.map((role) => (
        <Check
          key={role}
          label={m.roleNames[role]}
          hint={m.roleTexts[role]}
          checked={chosen.includes(role)}
          onChecked={(on) => onChosen(roles.filter((one) => (one === role ? on : chosen.includes(one))))}
        />
      ))}
    </fieldset>
  );
}

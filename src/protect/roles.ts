// Who may be what in a case. A person has roles in each case by itself, and none anywhere by default; what each role may
// do is in one table (src/server/policy.ts). Pure, and read by the page as well.

/**
 * `administrator`: people and their roles, no evidence. `archivist`: receives and keeps. `analyst`: numbers, categories,
 * individuals. `examiner`: what was assigned to them, nothing else. `lead`: directs the work, decides on releases.
 * `counsel`: what was disclosed. `welfare-lead`: totals of exposure. `guardian`: a share of the vault.
 */
export const roles = [
  'administrator',
  'archivist',
  'analyst',
  'examiner',
  'lead',
  'counsel',
  'welfare-lead',
  'guardian',
] as const;
export type Role = (typeof roles)[number];

/** What whoever works alone has beside `administrator`. */
export const rolesOfOneAlone: readonly Role[] = ['archivist', 'analyst', 'lead'];

export const isRole = (name: string): name is Role => (roles as readonly string[]).includes(name);

/** A set of roles in their own order, each once. */
export const inRoleOrder = (some: Iterable<Role>): Role[] => {
  const chosen = new Set(some);
  return roles.filter((role) => chosen.has(role));
};

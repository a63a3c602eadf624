// Who may do what: one table of routes, one of kinds of records. The server starts with no route that is not in it, and
// the log takes no record from a person whose roles do not cause its kind. What is not said here is refused.
import { pieceSize } from '../intake/delivery.ts';
import type { Role } from '../protect/roles.ts';
import type { Scope } from '../protect/tokens.ts';

/**
 * Whom a rule lets in beside roles: `anyone`; `signed-in`, whatever their roles in this case; `set-up`, the session
 * that the one-time link opens while nobody has an account.
 */
export type Who = Role | 'anyone' | 'signed-in' | 'set-up';

export interface RouteRule {
  who: readonly Who[];
  /** Tokens of this scope reach it too, within the roles of their person. Left out: browsers alone. */
  token?: Scope;
  /** Only within minutes of having proved who one is: keys of one's own, the vault. */
  proved?: true;
  /** The answer holds a secret, shown once: it is not kept for a repeat of the same request. */
  secret?: true;
  /** The largest body in bytes; 64 KiB where left out. */
  body?: number;
  /** The body is bytes of any type. Left out: JSON, or none. */
  bytes?: true;
}

/** Who works on evidence all day: reads the case at large. */
const workers: readonly Role[] = ['archivist', 'analyst', 'lead'];
const everyWorker: readonly Role[] = [...workers, 'counsel'];
/** The Case page: also what the link shows while nobody has an account, and all that it shows. */
const pageReaders: readonly Who[] = [...workers, 'set-up'];
/** That there is a log, and of it what the table of kinds lets them read. */
const logReaders: readonly Role[] = [...workers, 'counsel', 'administrator', 'guardian'];

/** `METHOD /path`, as in the OpenAPI document. */
export const routeRules: Readonly<Record<string, RouteRule>> = {
  // The door: the link, the program of the page, and what the page must know to show the right door.
  'GET /open': { who: ['anyone'] },
  'GET /*': { who: ['anyone'] },
  'GET /api/door': { who: ['anyone'] },
  'GET /api/openapi.json': { who: ['signed-in', 'set-up'], token: 'read' },

  // Coming in. Whoever asks is unknown by nature; what protects these is in what they ask for.
  'POST /api/passkeys/options': { who: ['anyone'] },
  'POST /api/passkeys/challenge': { who: ['anyone'] },
  'POST /api/totp/offer': { who: ['anyone'], secret: true },
  'POST /api/set-up': { who: ['set-up'], secret: true },
  'POST /api/sign-in/passkey': { who: ['anyone'], secret: true },
  'POST /api/sign-in/password': { who: ['anyone'], secret: true },
  'POST /api/invitation/look': { who: ['anyone'] },
  'POST /api/invitation/accept': { who: ['anyone'], secret: true },
  'POST /api/sign-out': { who: ['signed-in'] },

  // One's own account.
  'GET /api/account': { who: ['signed-in'] },
  'POST /api/account/challenge': { who: ['signed-in'], secret: true },
  'POST /api/account/prove/passkey': { who: ['signed-in'], secret: true },
  'POST /api/account/prove/password': { who: ['signed-in'], secret: true },
  'POST /api/account/credentials': { who: ['signed-in'], proved: true, secret: true },
  'DELETE /api/account/credentials/{id}': { who: ['signed-in'], proved: true },
  'POST /api/account/recovery-codes': { who: ['signed-in'], proved: true, secret: true },
  'DELETE /api/account/sessions/{id}': { who: ['signed-in'] },
  'DELETE /api/account/sessions': { who: ['signed-in'] },
  'POST /api/account/tokens': { who: ['signed-in'], proved: true, secret: true },
  'DELETE /api/account/tokens/{id}': { who: ['signed-in'] },

  // The people of a case.
  'GET /api/people': { who: ['administrator'] },
  'GET /api/people/{member}': { who: ['administrator'] },
  'POST /api/people/invitations': { who: ['administrator'], proved: true, secret: true },
  'DELETE /api/people/invitations/{id}': { who: ['administrator'] },
  'PUT /api/people/{member}/roles': { who: ['administrator'], proved: true },
  'DELETE /api/people/{member}': { who: ['administrator'], proved: true },
  'GET /api/people/{member}/sessions': { who: ['administrator'] },
  'DELETE /api/people/{member}/sessions/{id}': { who: ['administrator'] },

  // Deliveries over the network. A piece of a file is at most 8 MiB.
  'GET /api/deliveries': { who: ['archivist'], token: 'read' },
  'POST /api/deliveries': { who: ['archivist'], token: 'write' },
  'GET /api/deliveries/{id}': { who: ['archivist'], token: 'read' },
  'GET /api/deliveries/{id}/files': { who: ['archivist'], token: 'read' },
  'GET /api/deliveries/{id}/file': { who: ['archivist'], token: 'read' },
  'PUT /api/deliveries/{id}/file': { who: ['archivist'], token: 'write', body: pieceSize, bytes: true },
  'POST /api/deliveries/{id}/receive': { who: ['archivist'], token: 'write' },
  'DELETE /api/deliveries/{id}': { who: ['archivist'], token: 'write' },

  // The case.
  'GET /api/case': { who: pageReaders, token: 'read' },
  'GET /api/individuals': { who: pageReaders, token: 'read' },
  'GET /api/queues/{name}': { who: pageReaders, token: 'read' },
  'POST /api/queues/{name}/claims': { who: ['analyst'], token: 'write' },
  'DELETE /api/queues/{name}/claims': { who: ['analyst'], token: 'write' },
  'POST /api/queues/{name}/answers': { who: ['analyst'], token: 'write' },
  'POST /api/queues/{name}/answers/{position}/undo': { who: ['analyst'], token: 'write' },
  'GET /api/crops/{id}': { who: workers },
  'GET /api/check': { who: workers, token: 'read' },
  'POST /api/check': { who: workers, token: 'read' },
  'GET /api/timeline': { who: workers, token: 'read' },
  'GET /api/timeline/choices': { who: workers, token: 'read' },
  'GET /api/items': { who: workers, token: 'read' },
  'GET /api/items/{handle}': { who: workers, token: 'read' },
  'GET /api/individuals/{handle}': { who: workers, token: 'read' },
  'POST /api/individuals/{handle}/acts': { who: ['analyst'], token: 'write' },
  'POST /api/items/{handle}/regions': { who: ['analyst', 'lead'], token: 'write' },
  'DELETE /api/regions/{region}': { who: ['analyst', 'lead'], token: 'write' },
  'POST /api/tags': { who: workers, token: 'write', body: 512 * 1024 },

  // Searching writes down what was searched for; the words go in the body, so that no log of a proxy has them.
  'POST /api/searches': { who: workers, token: 'read', secret: true },
  'GET /api/searches/{search}': { who: workers, token: 'read' },
  'GET /api/saved-searches': { who: workers, token: 'read' },
  'POST /api/saved-searches': { who: workers, token: 'write' },
  'DELETE /api/saved-searches/{id}': { who: workers, token: 'write' },

  // Safe viewing. No token: a program has no eyes to protect, and no business with pictures.
  'POST /api/items/{handle}/reveal': { who: ['analyst', 'lead'], secret: true },
  'GET /api/reveals/{ticket}': { who: ['analyst', 'lead'] },
  'GET /api/viewing/mine': { who: ['signed-in'] },
  'GET /api/viewing/totals': { who: ['welfare-lead'] },
  'PUT /api/viewing/limits': { who: ['welfare-lead'] },
  // The log: what of it somebody may read, the second table says.
  'GET /api/activity': { who: logReaders, token: 'read' },
  'GET /api/activity/filters': { who: logReaders, token: 'read' },
  'GET /api/activity/{position}': { who: logReaders, token: 'read' },
  'GET /api/records/{position}/proof': { who: logReaders, token: 'read' },
  'GET /api/sources': { who: workers, token: 'read' },

  // What the team asks of each other.
  'GET /api/tasks': { who: workers, token: 'read' },
  'GET /api/tasks/people': { who: workers },
  'POST /api/tasks': { who: workers, token: 'write' },
  'PUT /api/tasks/{task}': { who: workers, token: 'write' },
  // What a case is set to.
  'GET /api/settings/rules': { who: workers, token: 'read' },
  'PUT /api/settings/rules': { who: ['lead'], token: 'write' },
  'GET /api/settings/authorities': { who: everyWorker, token: 'read' },
  'POST /api/settings/authorities': { who: ['lead'], proved: true },
  'DELETE /api/settings/authorities/{name}': { who: ['lead'], proved: true },
  'POST /api/settings/stamps': { who: ['archivist', 'lead'] },
  'GET /api/changes': { who: ['signed-in', 'set-up'] },
};

/** Who may cause a kind of record, and who may read what it says. */
export interface KindRule {
  /** Over the API. Empty: the command line alone, on the machine that holds the keys. */
  cause: readonly Role[] | 'signed-in';
  read: readonly Role[];
}

/** Written by the command line alone. */
const byCommand = (read: readonly Role[]): KindRule => ({ cause: [], read });

/** Every kind of record that this version writes (docs/formats/record.md). */
export const kindRules: Readonly<Record<string, KindRule>> = {
  'case.opened': byCommand(everyWorker),

  'intake.accession': { cause: ['archivist'], read: workers },
  'intake.item': { cause: ['archivist'], read: workers },
  'intake.duplicate': { cause: ['archivist'], read: workers },
  'intake.quarantine': { cause: ['archivist'], read: workers },
  'intake.opened': { cause: ['archivist'], read: workers },
  'intake.reconciliation': { cause: ['archivist'], read: everyWorker },
  'intake.import': { cause: ['archivist'], read: workers },
  'intake.entry': { cause: ['archivist'], read: workers },
  'intake.import-reconciliation': { cause: ['archivist'], read: workers },

  'describe.item': { cause: ['archivist'], read: workers },
  'describe.metadata': { cause: ['archivist'], read: workers },
  'describe.document': { cause: ['archivist'], read: workers },
  'describe.card': { cause: ['archivist'], read: workers },
  'describe.embedded': { cause: ['archivist'], read: workers },
  'describe.media': { cause: ['archivist'], read: workers },
  'describe.provenance': { cause: ['archivist'], read: workers },
  'describe.provenance-search': { cause: ['archivist'], read: workers },

  'group.rules': { cause: ['lead'], read: workers },
  'group.reading': { cause: ['analyst'], read: workers },
  'group.near': { cause: ['analyst'], read: workers },
  'group.search': { cause: ['analyst'], read: workers },
  'group.link': { cause: ['analyst'], read: workers },
  'group.individual': { cause: ['analyst'], read: workers },
  'group.gathering': { cause: ['analyst'], read: workers },
  'group.agreement': { cause: ['analyst'], read: workers },
  'group.settlement': { cause: ['analyst'], read: workers },
  'group.category': { cause: ['analyst'], read: workers },
  'group.merge': { cause: ['analyst'], read: workers },
  'group.split': { cause: ['analyst'], read: workers },
  'group.move': { cause: ['analyst'], read: workers },
  'group.region': { cause: ['analyst', 'lead'], read: workers },
  'group.tag': { cause: workers, read: workers },

  'report.dossier': { cause: ['lead'], read: everyWorker },
  'report.redaction': { cause: ['lead'], read: everyWorker },
  'report.inventory': { cause: ['lead'], read: everyWorker },
  'report.bundle': { cause: ['lead'], read: everyWorker },

  'protect.vault': byCommand([...workers, 'guardian']),
  'protect.rotation': byCommand([...workers, 'guardian']),
  'protect.source': byCommand(['lead', 'guardian']),
  'protect.kept': byCommand(['lead', 'guardian']),
  'protect.opening': byCommand(['lead', 'guardian']),
  'protect.member': { cause: ['administrator'], read: ['administrator', 'lead'] },
  'protect.exposure': { cause: ['analyst', 'lead'], read: ['lead'] },
  'protect.search': { cause: workers, read: ['lead'] },
  'protect.task': { cause: workers, read: workers },
  'protect.login': { cause: 'signed-in', read: ['administrator', 'lead'] },

  'seal.authority': { cause: ['lead'], read: everyWorker },
  'seal.timestamp': { cause: ['archivist', 'lead'], read: everyWorker },
  'seal.witness': byCommand(everyWorker),
  'seal.cosignature': byCommand(everyWorker),
  'seal.keys': byCommand(everyWorker),
  'seal.revocation': byCommand(everyWorker),
  'seal.holder': byCommand(everyWorker),
  'seal.claimed-custody': { cause: ['archivist'], read: everyWorker },
  'seal.custody': byCommand(everyWorker),
  'seal.fixity': { cause: ['archivist'], read: everyWorker },
  'seal.restoration': byCommand(everyWorker),
  'seal.deaccession': byCommand(everyWorker),
};

/** Whether somebody of these roles may cause a record of this kind over the API. */
export function mayCause(roles: readonly Role[], kind: string): boolean {
  const rule = kindRules[kind];
  if (rule === undefined) return false;
  return rule.cause === 'signed-in' || rule.cause.some((role) => roles.includes(role));
}

/** Whether somebody of these roles may read what a record of this kind says. */
export function mayRead(roles: readonly Role[], kind: string): boolean {
  return kindRules[kind]?.read.some((role) => roles.includes(role)) ?? false;
}

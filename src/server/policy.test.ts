// The table of rules: nothing without a rule, and each rule says what it says.
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { Fault } from '../case/fault.ts';
import type { Person } from '../protect/accounts.ts';
import { roles, type Role } from '../protect/roles.ts';
import { searchedKinds } from '../search/project.ts';
import { newApi } from './api.ts';
import { refuseUnruled, verdict } from './guard.ts';
import { kindRules, mayCause, mayRead, routeRules, type RouteRule } from './policy.ts';
import type { Visitor } from './visitor.ts';

const source = join(import.meta.dirname, '..');

/** The kinds of record that a source writes or names: `kind: 'group.merge'`, '`kind: group.merge`'. */
function kindsIn(text: string): string[] {
  return [
    ...text.matchAll(/\bkind(?::| ===| !==) ?['"`]?((?:case|intake|describe|group|report|protect|seal)\.[a-z-]+)/g),
  ].map(([, kind]) => kind!);
}

function* sources(folder: string): Generator<string> {
  for (const entry of readdirSync(folder, { withFileTypes: true })) {
    const path = join(folder, entry.name);
    if (entry.isDirectory()) yield* sources(path);
    else if (/\.tsx?$/.test(entry.name) && !/\.(?:test|fixture|sample)\./.test(entry.name)) yield path;
  }
}

test('every kind of record that the program names, or its format lists, has a rule; and no other', () => {
  const named = new Set([...sources(source)].flatMap((path) => kindsIn(readFileSync(path, 'utf8'))));
  const format = readFileSync(join(source, '..', 'docs', 'formats', 'record.md'), 'utf8');
  const listed = [
    ...format.matchAll(/`((?:case\.opened|(?:intake|describe|group|report|protect|seal)\.[a-z-]+))`/g),
  ].map(([, kind]) => kind!);
  expect(named.size).toBeGreaterThan(40);
  expect([...named].filter((kind) => kindRules[kind] === undefined)).toEqual([]);
  expect(listed.filter((kind) => kindRules[kind] === undefined)).toEqual([]);
  const known = new Set([...named, ...listed]);
  expect(Object.keys(kindRules).filter((kind) => !known.has(kind))).toEqual([]);
  expect(Object.keys(kindRules).filter((kind) => !listed.includes(kind))).toEqual([]);
});

test('a route without a rule keeps the server from starting', () => {
  const app = newApi();
  app.get('/api/case', (c) => c.text(''));
  expect(() => refuseUnruled(app)).not.toThrow();
  app.post('/api/back-door/:id', (c) => c.text(''));
  expect(() => refuseUnruled(app)).toThrow(Fault);
  expect(() => refuseUnruled(app)).toThrow(/POST \/api\/back-door\/\{id\}/);
});

const as = (...held: Role[]): Visitor => {
  const person: Person = { account: 'a', member: 'm', name: 'n', roles: held };
  return { as: 'person', person, session: { id: 's', proved: false } };
};

test('a rule lets in whom it names, and nobody else', () => {
  const rule: RouteRule = { who: ['analyst', 'set-up'] };
  expect(verdict(rule, { as: 'nobody' })).toBe('sign-in');
  expect(verdict(rule, { as: 'set-up' })).toBe('yes');
  for (const role of roles) expect([role, verdict(rule, as(role))]).toEqual([role, role === 'analyst' ? 'yes' : 'no']);
  expect(verdict(rule, as())).toBe('no');
  expect(verdict(rule, as('administrator', 'analyst'))).toBe('yes');
  expect(verdict({ who: ['signed-in'] }, as())).toBe('yes');
  expect(verdict({ who: ['signed-in'] }, { as: 'set-up' })).toBe('no');
  expect(verdict({ who: ['anyone'] }, { as: 'nobody' })).toBe('yes');
});

test('a token reaches what names its scope, within the roles of its person, and never what needs a person', () => {
  const person: Person = { account: 'a', member: 'm', name: 'n', roles: ['analyst'] };
  const token: Visitor = { as: 'token', person, scopes: ['read'] };
  expect(verdict({ who: ['analyst'], token: 'read' }, token)).toBe('yes');
  expect(verdict({ who: ['analyst'], token: 'write' }, token)).toBe('no');
  expect(verdict({ who: ['lead'], token: 'read' }, token)).toBe('no');
  expect(verdict({ who: ['analyst'] }, token)).toBe('no');
  expect(verdict({ who: ['analyst'], token: 'read', proved: true }, token)).toBe('prove');
});

test('what needs proof needs it anew', () => {
  const rule: RouteRule = { who: ['guardian'], proved: true };
  expect(verdict(rule, as('guardian'))).toBe('prove');
  const person: Person = { account: 'a', member: 'm', name: 'n', roles: ['guardian'] };
  expect(verdict(rule, { as: 'person', person, session: { id: 's', proved: true } })).toBe('yes');
  expect(verdict(rule, as('administrator'))).toBe('no');
});

test('an administrator, a counsel, a guardian, an examiner and a welfare lead read no evidence by their role alone', () => {
  for (const role of ['administrator', 'examiner', 'welfare-lead'] as const)
    for (const route of ['GET /api/case', 'GET /api/individuals', 'GET /api/queues/{name}'])
      expect([role, route, verdict(routeRules[route]!, as(role))]).toEqual([role, route, 'no']);
  const evidence = Object.keys(kindRules).filter((kind) => /^(?:intake|describe|group)\./.test(kind));
  for (const kind of evidence) {
    expect([kind, mayRead(['administrator', 'examiner', 'welfare-lead', 'guardian'], kind)]).toEqual([kind, false]);
    expect([kind, mayCause(['administrator', 'counsel', 'welfare-lead', 'guardian'], kind)]).toEqual([kind, false]);
  }
  expect(mayCause([...roles], 'no.such-kind')).toBe(false);
  expect(mayRead([...roles], 'no.such-kind')).toBe(false);
});

test('whoever may search may read every kind of record of which something is searched', () => {
  const { who } = routeRules['POST /api/searches']!;
  expect(who.length).toBeGreaterThan(0);
  for (const role of who)
    for (const kind of searchedKinds) expect([role, kind, mayRead([role as Role], kind)]).toEqual([role, kind, true]);
  for (const role of roles.filter((one) => !who.includes(one)))
    expect([role, verdict(routeRules['POST /api/searches']!, as(role))]).toEqual([role, 'no']);
});

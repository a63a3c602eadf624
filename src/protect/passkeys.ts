// Passkeys (WebAuthn level 3): the ceremonies' challenges, and the credentials kept. A challenge carries its own proof of
// who drew it, for what and until when, so that strangers who ask for many fill nothing.
import { createHmac, timingSafeEqual } from 'node:crypto';
import type pg from 'pg';
import {
  generateAuthenticationOptions,
  generateRegistrationOptions,
  verifyAuthenticationResponse,
  verifyRegistrationResponse,
  type AuthenticationResponseJSON,
  type PublicKeyCredentialCreationOptionsJSON,
  type PublicKeyCredentialRequestOptionsJSON,
  type RegistrationResponseJSON,
} from '@simplewebauthn/server';
import type { Accounts } from './home-schema.ts';

/** A ceremony has to end within this. */
export const ceremonyTime = 5 * 60_000;

/** Where passkeys are of: the host's name, and the origins of pages that may use them. */
export interface Party {
  rpID: string;
  origins: string[];
}

/** The party of a server that is reached at these origins: of the loopback its name, as an address has no passkeys. */
export function partyOf(origins: readonly string[]): Party {
  const named = origins.filter((origin) => !/^\d+(?:\.\d+){3}$/.test(new URL(origin).hostname));
  return { rpID: new URL(named[0] ?? origins[0]!).hostname, origins: named };
}

/** 16 bytes of chance, 6 of time, 16 of proof that this home drew them for `purpose`. */
function drawChallenge({ key, random, clock }: Accounts, purpose: string): Uint8Array<ArrayBuffer> {
  const drawn = Buffer.alloc(22);
  drawn.set(random(16));
  drawn.writeUIntBE(clock().getTime() + ceremonyTime, 16, 6);
  return new Uint8Array(Buffer.concat([drawn, proofOf(key, purpose, drawn)]));
}

const proofOf = (key: Uint8Array, purpose: string, drawn: Uint8Array): Buffer =>
  createHmac('sha256', key).update(`challenge\n${purpose}\n`).update(drawn).digest().subarray(0, 16);

/** Challenges that were answered rightly, until they run out by themselves: each is good once. */
const answered = new Map<string, number>();

function isChallenge({ key, clock }: Accounts, purpose: string, challenge: string): boolean {
  const bytes = Buffer.from(challenge, 'base64url');
  const now = clock().getTime();
  if (bytes.length !== 38 || answered.has(challenge)) return false;
  const proved = timingSafeEqual(bytes.subarray(22), proofOf(key, purpose, bytes.subarray(0, 22)));
  return proved && bytes.readUIntBE(16, 6) > now;
}

function settleChallenge(challenge: string, now: number): void {
  for (const [old, until] of answered) if (until < now) answered.delete(old);
  answered.set(challenge, now + ceremonyTime);
}

/** What a browser needs to make a passkey. `known`: ids of passkeys that are there, so that none is made twice. */
export function creationOptions(
  accounts: Accounts,
  { rpID }: Party,
  signInName: string,
  known: readonly string[] = [],
): Promise<PublicKeyCredentialCreationOptionsJSON> {
  return generateRegistrationOptions({
    rpName: 'Dalil',
    rpID,
    userName: signInName,
    userDisplayName: signInName,
    // Says nothing: who it is follows from the credential.
    userID: new Uint8Array(accounts.random(32)),
    challenge: drawChallenge(accounts, 'make'),
    timeout: ceremonyTime,
    attestationType: 'none',
    excludeCredentials: known.map((id) => ({ id })),
    authenticatorSelection: { residentKey: 'required', userVerification: 'required' },
  });
}

/** What a browser needs to use one. No names: which passkeys there are is told to nobody. */
export function requestOptions(
  accounts: Accounts,
  { rpID }: Party,
  purpose: string,
): Promise<PublicKeyCredentialRequestOptionsJSON> {
  return generateAuthenticationOptions({
    rpID,
    challenge: drawChallenge(accounts, purpose),
    timeout: ceremonyTime,
    userVerification: 'required',
  });
}

export interface NewPasskey {
  id: string;
  key: Uint8Array;
  counter: number;
  transports: string[];
  synced: boolean;
}

/** A passkey that a browser has made; null where the answer does not hold. */
export async function checkCreation(
  accounts: Accounts,
  { rpID, origins }: Party,
  response: RegistrationResponseJSON,
): Promise<NewPasskey | null> {
  let challenge = '';
  try {
    const { verified, registrationInfo } = await verifyRegistrationResponse({
      response,
      expectedChallenge: (given) => isChallenge(accounts, 'make', (challenge = given)),
      expectedOrigin: origins,
      expectedRPID: rpID,
      requireUserVerification: true,
    });
    if (!verified) return null;
    settleChallenge(challenge, accounts.clock().getTime());
    const { credential, credentialBackedUp } = registrationInfo;
    return {
      id: credential.id,
      key: credential.publicKey,
      counter: credential.counter,
      transports: credential.transports ?? [],
      synced: credentialBackedUp,
    };
  } catch {
    return null; // the library throws on whatever does not hold, with words of the answer in its message
  }
}

/** The account whose passkey this answer is by; null where it does not hold. The passkey is noted as used. */
export async function checkPasskey(
  accounts: Accounts,
  { rpID, origins }: Party,
  purpose: string,
  response: AuthenticationResponseJSON,
): Promise<string | null> {
  const { rows } = await accounts.pool.query<{ account: string; key: Buffer; counter: number; transports: string[] }>(
    `select p.account, p.key, p.counter, p.transports from passkey p join account a on a.id = p.account
      where p.id = $1 and a.closed is null`,
    [response.id],
  );
  const kept = rows[0];
  if (kept === undefined) return null;
  let challenge = '';
  try {
    const { verified, authenticationInfo } = await verifyAuthenticationResponse({
      response,
      expectedChallenge: (given) => isChallenge(accounts, purpose, (challenge = given)),
      expectedOrigin: origins,
      expectedRPID: rpID,
      requireUserVerification: true,
      credential: {
        id: response.id,
        publicKey: new Uint8Array(kept.key),
        counter: kept.counter,
        transports: kept.transports,
      },
    });
    if (!verified) return null;
    // Only where nobody was quicker with the same answer: the challenge is good once.
    if (answered.has(challenge)) return null;
    settleChallenge(challenge, accounts.clock().getTime());
    await accounts.pool.query('update passkey set counter = greatest(counter, $2), used = $3 where id = $1', [
      response.id,
      authenticationInfo.newCounter,
      accounts.clock().getTime(),
    ]);
    return kept.account;
  } catch {
    return null;
  }
}

export async function addPasskey(
  client: pg.Pool | pg.ClientBase,
  account: string,
  { id, key, counter, transports, synced }: NewPasskey,
  name: string,
  at: number,
): Promise<void> {
  await client.query(
    `insert into passkey (id, account, key, counter, transports, name, synced, created)
      values ($1, $2, $3, $4, $5, $6, $7, $8)`,
    [id, account, Buffer.from(key), counter, transports, name, synced, at],
  );
}

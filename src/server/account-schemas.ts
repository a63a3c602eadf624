// The shapes of people's part of the API: what is asked and answered about accounts, sessions, invitations and tokens.
import { z } from '@hono/zod-openapi';
import { passwordLength } from '../protect/password.ts';
import { roles } from '../protect/roles.ts';
import { proofs } from '../protect/sessions.ts';
import { longestTokenDays, scopes } from '../protect/tokens.ts';

const time = z.string().openapi({ format: 'date-time' });
/** Without control characters or marks that turn the direction of what stands beside. */
const plainText = (most: number): z.ZodString =>
  z
    .string()
    .trim()
    .min(1)
    .max(most)
    .regex(/^[^\p{Cc}\p{Cf}\p{Co}\p{Cs}]+$/u);

export const signInName = plainText(60).openapi({ description: 'What one signs in with. In no record.' });
export const workingName = plainText(60).openapi({
  description: 'What the records of this case call the person. For good: choose nothing that says who it is.',
});
export const roleSet = z.array(z.enum(roles)).max(roles.length);
const secret = z.string().min(20).max(100);
const code = z.string().min(6).max(40);

const base64url = z
  .string()
  .max(20_000)
  .regex(/^[\w-]*$/);
const credentialParts = {
  id: base64url,
  rawId: base64url,
  type: z.literal('public-key'),
  authenticatorAttachment: z.enum(['platform', 'cross-platform']).optional(),
  clientExtensionResults: z.object({}),
};

/** RegistrationResponseJSON of WebAuthn level 3, as far as it is read. */
export const registrationSchema = z
  .object({
    ...credentialParts,
    response: z.object({
      clientDataJSON: base64url,
      attestationObject: base64url,
      transports: z.array(z.string().max(20)).max(10).optional(),
    }),
  })
  .openapi('PasskeyRegistration');

/** AuthenticationResponseJSON of WebAuthn level 3, as far as it is read. */
export const assertionSchema = z
  .object({
    ...credentialParts,
    response: z.object({ clientDataJSON: base64url, authenticatorData: base64url, signature: base64url }),
  })
  .openapi('PasskeyAssertion');

/** Options for `navigator.credentials`, as WebAuthn's JSON. */
export const ceremonySchema = z.record(z.string(), z.unknown()).openapi('PasskeyOptions');

export const totpOfferSchema = z
  .object({
    secret: z.string().openapi({ description: 'Base32; to be given back with the first code.' }),
    uri: z.string(),
    qr: z
      .array(z.string().regex(/^[01]+$/))
      .openapi({ description: 'The URI as a QR code, a row a string, 1 is dark.' }),
  })
  .openapi('TotpOffer');

/** A new way to prove who one is. */
export const offerSchema = z
  .discriminatedUnion('kind', [
    z.object({ kind: z.literal('passkey'), name: plainText(40), response: registrationSchema }),
    z.object({
      kind: z.literal('password'),
      password: z.string().min(1).max(passwordLength.most),
      secret: z.string().max(64),
      code,
    }),
  ])
  .openapi('CredentialOffer');

export const setUpSchema = z.object({
  signInName,
  name: workingName,
  alone: z.boolean().openapi({ description: 'Whether this person also works on evidence here.' }),
  offer: offerSchema,
});

export const passwordSignInSchema = z.object({
  name: z.string().max(200),
  password: z.string().max(passwordLength.most),
  code: z.string().max(40),
});

export const enteredSchema = z
  .object({
    member: z.string(),
    recoveryCodes: z
      .array(z.string())
      .nullable()
      .openapi({ description: 'Shown once: each opens the account once. null where there are none new.' }),
  })
  .openapi('Entered');

export const invitationLookSchema = z
  .object({
    kind: z.enum(['invitation', 'recovery']),
    name: z.string().nullable(),
    roles: roleSet,
    by: z.string(),
    until: time,
  })
  .openapi('InvitationLook');

export const acceptSchema = z.object({
  secret,
  signInName: signInName.optional().openapi({ description: 'Of somebody new; a recovery keeps what there was.' }),
  name: workingName.optional(),
  offer: offerSchema,
});

const sessionSchema = z
  .object({ id: z.string(), how: z.enum(proofs), program: z.string(), opened: time, seen: time, own: z.boolean() })
  .openapi('Session');

const tokenSchema = z
  .object({
    id: z.string(),
    name: z.string(),
    scopes: z.array(z.enum(scopes)),
    made: time,
    until: time,
    used: time.nullable(),
  })
  .openapi('Token');

export const accountSchema = z
  .object({
    signInName: z.string(),
    member: z.string(),
    name: z.string(),
    roles: roleSet,
    proved: z.boolean(),
    passkeys: z.array(
      z.object({ id: z.string(), name: z.string(), synced: z.boolean(), made: time, used: time.nullable() }),
    ),
    password: z.boolean(),
    recoveryCodes: z.number().int(),
    sessions: z.array(sessionSchema),
    tokens: z.array(tokenSchema),
  })
  .openapi('Account');
export type AccountView = z.infer<typeof accountSchema>;

export const newTokenSchema = z.object({
  name: plainText(40),
  scopes: z.array(z.enum(scopes)).min(1),
  days: z.number().int().min(1).max(longestTokenDays),
});
export const madeTokenSchema = z.object({ id: z.string(), token: z.string() }).openapi('MadeToken');

export const personSchema = z
  .object({
    member: z.string(),
    name: z.string(),
    signInName: z.string(),
    roles: roleSet,
    since: time,
    gone: time.nullable(),
    etag: z.string().openapi({ description: 'To be given as If-Match: changes of somebody as they were seen.' }),
  })
  .openapi('Person');

const openInvitationSchema = z
  .object({
    id: z.string(),
    kind: z.enum(['invitation', 'recovery']),
    name: z.string().nullable(),
    roles: roleSet,
    by: z.string(),
    until: time,
  })
  .openapi('Invitation');

export const peopleSchema = z
  .object({
    people: z.array(personSchema),
    invitations: z.array(openInvitationSchema),
    next: z.string().nullable(),
  })
  .openapi('People');
export type PeopleView = z.infer<typeof peopleSchema>;

export const inviteSchema = z.object({ name: workingName.nullable(), roles: roleSet });
export const invitedSchema = z
  .object({ id: z.string(), link: z.string().openapi({ description: 'Shown once.' }), until: time })
  .openapi('Invited');

export const sessionsSchema = z.object({ sessions: z.array(sessionSchema) }).openapi('Sessions');

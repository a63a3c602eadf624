// Passkeys in the browser. What turns WebAuthn's answers into JSON comes when it is needed.
import { call } from './api.ts';
import type { PasskeyAssertion, PasskeyOptions, PasskeyRegistration } from './api-types.ts';

/** Whether this page can have passkeys: a browser that has them, at a name (not an address) that is trusted. */
export const hasPasskeys = (): boolean =>
  isSecureContext && 'PublicKeyCredential' in window && !/^\d+(?:\.\d+){3}$/.test(location.hostname);

/** The person, or the browser, made or used no passkey: there is nothing more to know, as the browser says no more. */
export class NoPasskey extends Error {}

/** Has the browser make a passkey. Throws `NoPasskey`. */
export async function makePasskey(signInName: string): Promise<PasskeyRegistration> {
  const options = await call('POST /api/passkeys/options', { body: { signInName } });
  const { startRegistration } = await import('@simplewebauthn/browser');
  const made = await startRegistration({
    optionsJSON: options as unknown as Parameters<typeof startRegistration>[0]['optionsJSON'],
  }).catch(() => {
    throw new NoPasskey();
  });
  const { id, rawId, type, clientExtensionResults, response } = made;
  const { clientDataJSON, attestationObject, transports } = response;
  return {
    id,
    rawId,
    type,
    clientExtensionResults: { ...clientExtensionResults },
    response: { clientDataJSON, attestationObject, ...(transports !== undefined && { transports }) },
  };
}

/** Has the browser use one. Throws `NoPasskey`. */
export async function usePasskeyFor(options: PasskeyOptions): Promise<PasskeyAssertion> {
  const { startAuthentication } = await import('@simplewebauthn/browser');
  const used = await startAuthentication({
    optionsJSON: options as unknown as Parameters<typeof startAuthentication>[0]['optionsJSON'],
  }).catch(() => {
    throw new NoPasskey();
  });
  const { id, rawId, type, clientExtensionResults, response } = used;
  const { clientDataJSON, authenticatorData, signature } = response;
  return {
    id,
    rawId,
    type,
    clientExtensionResults: { ...clientExtensionResults },
    response: { clientDataJSON, authenticatorData, signature },
  };
}

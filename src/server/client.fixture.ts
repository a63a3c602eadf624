// A browser as the server sees one, without a page: keeps cookies, sends the origin, and says how long answers took.
import { request, type IncomingHttpHeaders } from 'node:http';
import { fromBase32, stepOf, totpAt } from '../protect/totp.ts';
import type { Address } from './server.ts';

export interface Answer {
  status: number;
  headers: IncomingHttpHeaders;
  text: string;
  json<T = Record<string, unknown>>(): T;
  /** ms */
  took: number;
}

export interface Client {
  cookies: Map<string, string>;
  get(path: string, headers?: Record<string, string>): Promise<Answer>;
  send(method: string, path: string, body?: unknown, headers?: Record<string, string>): Promise<Answer>;
}

/** A browser at this server. */
export function openClient(address: Address): Client {
  const cookies = new Map<string, string>();
  const { host, origin } = new URL(address.url);
  const ask = (method: string, path: string, body: string | null, headers: Record<string, string>): Promise<Answer> =>
    new Promise((resolve, reject) => {
      const began = performance.now();
      const cookie = [...cookies].map(([name, value]) => `${name}=${value}`).join('; ');
      const sent = request(
        {
          host: '127.0.0.1',
          port: address.port,
          path,
          method,
          headers: {
            host,
            ...(cookie !== '' && { cookie }),
            ...(body !== null && { 'content-length': String(Buffer.byteLength(body)) }),
            ...headers,
          },
        },
        (got) => {
          let text = '';
          got.setEncoding('utf8');
          got.on('data', (part: string) => (text += part));
          got.on('end', () => {
            for (const line of got.headers['set-cookie'] ?? []) {
              const [, name, value] = /^([^=]+)=([^;]*)/.exec(line)!;
              if (/max-age=0/i.test(line) || value === '') cookies.delete(name!);
              else cookies.set(name!, value!);
            }
            const took = performance.now() - began;
            const json = <T>(): T => JSON.parse(text) as T;
            resolve({ status: got.statusCode ?? 0, headers: got.headers, text, json, took });
          });
        },
      );
      sent.on('error', reject);
      sent.end(body ?? undefined);
    });
  return {
    cookies,
    get: (path, headers = {}) => ask('GET', path, null, headers),
    send: (method, path, body, headers = {}) =>
      ask(method, path, body === undefined ? null : JSON.stringify(body), {
        origin,
        'sec-fetch-site': 'same-origin',
        ...(body !== undefined && { 'content-type': 'application/json' }),
        ...headers,
      }),
  };
}

/** A password with an authenticator application, as somebody has them. */
export interface Authenticator {
  password: string;
  /** Base32. */
  secret: string;
  offer: { kind: 'password'; password: string; secret: string; code: string };
  /** The code at this time. */
  code(at: number): string;
}

/** Asks the server for a secret, and makes of it what a person would offer. */
export async function authenticator(
  client: Client,
  signInName: string,
  at: number,
  password = 'four quite unrelated words',
): Promise<Authenticator> {
  const { secret } = (await client.send('POST', '/api/totp/offer', { signInName })).json<{ secret: string }>();
  const code = (time: number): string => totpAt(fromBase32(secret)!, stepOf(time));
  return { password, secret, code, offer: { kind: 'password', password, secret, code: code(at) } };
}

// Where a server stands: on this machine's loopback, or on a network with a certificate of its own or behind a proxy that
// has one. What would carry passwords and evidence in the clear is refused at the start.
import { createSecureContext } from 'node:tls';
import { BlockList, isIP, isIPv6 } from 'node:net';
import { Fault } from '../case/fault.ts';

/** What `dalil serve` is told of its place. */
export interface Place {
  /** The address to listen on. */
  host: string;
  /** The origin under which people reach it; null for the loopback's own. */
  origin: string | null;
  /** Certificate chain and key, PEM; null where a proxy, or nobody, speaks TLS. */
  tls: { cert: string; key: string } | null;
  /** Addresses or networks (CIDR) of proxies whose word on where a request comes from is taken. */
  trustedProxies: readonly string[];
}

export const loopback: Place = { host: '127.0.0.1', origin: null, tls: null, trustedProxies: [] };

/**
 * A place that can be served at, as it was given. Fault('usage') where its origin is none, a proxy's address is none, a
 * certificate and its key do not belong together, or people would reach it over a network without TLS.
 */
export function checkPlace(place: Place): Place {
  const { host, origin, tls, trustedProxies } = place;
  if (isIP(host) === 0) throw refused('The address to listen on is no address.', '127.0.0.1, or 0.0.0.0, or ::', host);
  if (origin !== null && !isOrigin(origin)) {
    throw refused('The origin is not one.', 'https://case.example, without a path', origin);
  }
  for (const proxy of trustedProxies) networkOf(proxy);
  if (tls !== null) {
    try {
      createSecureContext({ ...tls, minVersion: 'TLSv1.2' });
    } catch (error) {
      throw refused('The certificate and its key cannot be used.', 'a chain and its key in PEM', reasonOf(error));
    }
  }
  if (tls !== null && origin?.startsWith('https:') !== true) {
    throw refused('Whoever has a certificate has a name.', '--origin https://NAME', origin ?? 'none');
  }
  const local = isLoopback(host);
  if (origin?.startsWith('http:') === true && !(local && isLocalName(new URL(origin).hostname))) {
    throw refused('Passwords and evidence would cross the network in the clear.', 'an origin with https:', origin);
  }
  if (!local && tls === null && (origin === null || trustedProxies.length === 0)) {
    throw refused(
      'Passwords and evidence would cross the network in the clear.',
      '--tls-cert and --tls-key, or a proxy with TLS in front (--origin https://NAME --trusted-proxy ADDRESS)',
      `--listen ${host} alone`,
    );
  }
  return place;
}

/**
 * Where a request comes from: the other end of the connection, or where trusted proxies say that it comes from. The chain is
 * read from its end (RFC 7239, section 8.1: what stands before the first trusted hop is anybody's claim).
 */
export function clientAddress(
  remote: string | undefined,
  forwardedFor: string | undefined,
  trusted: (address: string) => boolean,
): string {
  let client = plain(remote ?? '');
  if (forwardedFor === undefined) return client;
  for (const hop of forwardedFor.split(',').toReversed()) {
    const address = plain(hop.trim());
    if (!trusted(client) || isIP(address) === 0) break;
    client = address;
  }
  return client;
}

/** Whether an address is one of these proxies. */
export function trustOf(proxies: readonly string[]): (address: string) => boolean {
  const list = new BlockList();
  for (const proxy of proxies) {
    const { address, prefix, family } = networkOf(proxy);
    list.addSubnet(address, prefix, family);
  }
  return (address) => isIP(address) !== 0 && list.check(address, isIPv6(address) ? 'ipv6' : 'ipv4');
}

function networkOf(text: string): { address: string; prefix: number; family: 'ipv4' | 'ipv6' } {
  const [address = '', bits, ...more] = text.split('/');
  const family = isIPv6(address) ? 'ipv6' : 'ipv4';
  const most = family === 'ipv6' ? 128 : 32;
  const prefix = bits === undefined ? most : Number(bits);
  if (isIP(address) === 0 || more.length > 0 || !/^\d+$/.test(bits ?? '0') || prefix > most) {
    throw refused('The address of a trusted proxy is none.', '192.0.2.7, or 192.0.2.0/24', text);
  }
  return { address, prefix, family };
}

/** An IPv4 address that came in over IPv6 is the same address. */
const plain = (address: string): string => address.replace(/^::ffff:(?=\d+\.\d+\.\d+\.\d+$)/i, '');

const isLoopback = (host: string): boolean => host === '::1' || host.startsWith('127.');
const isLocalName = (name: string): boolean =>
  name === 'localhost' || name === '[::1]' || (isIP(name) === 4 && name.startsWith('127.'));

function isOrigin(text: string): boolean {
  try {
    const { origin, protocol } = new URL(text);
    return origin === text && (protocol === 'https:' || protocol === 'http:');
  } catch {
    return false;
  }
}

/** What OpenSSL says, without the path or the contents of a file. */
function reasonOf(error: unknown): string {
  const { code, message } = error as NodeJS.ErrnoException;
  return code ?? message;
}

function refused(what: string, expected: string, got: string): Fault {
  return new Fault('usage', { what, expected, got, next: 'dalil serve --help' });
}

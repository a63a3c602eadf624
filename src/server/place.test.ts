// Places a server may stand at, and whom it believes about where a request comes from.
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { checkPlace, clientAddress, loopback, trustOf, type Place } from './place.ts';

const at =
  (place: Partial<Place>): (() => Place) =>
  () =>
    checkPlace({ ...loopback, ...place });

test('the loopback needs nothing, and a name behind a proxy on this machine is welcome', () => {
  expect(at({})()).toEqual(loopback);
  for (const place of [
    { origin: 'https://case.example' },
    { origin: 'https://case.example:8443', trustedProxies: ['127.0.0.1', '::1'] },
    { origin: 'http://localhost:4780' },
    { host: '::1' },
    { host: '10.0.0.5', origin: 'https://case.example', trustedProxies: ['10.0.0.0/24'] },
  ]) {
    expect(at(place)().origin).toBe(place.origin ?? null);
  }
});

test('nothing is served to a network in the clear', () => {
  for (const place of [
    { host: '0.0.0.0' },
    { host: '::' },
    { host: '10.0.0.5', origin: 'https://case.example' },
    { host: '10.0.0.5', origin: 'http://case.example', trustedProxies: ['10.0.0.1'] },
    { origin: 'http://case.example' },
  ]) {
    expect(at(place), JSON.stringify(place)).toThrow(/in the clear/);
  }
});

test('what is no address, no origin or no certificate is named', () => {
  expect(at({ host: 'case.example' })).toThrow(/no address/);
  for (const origin of [
    'case.example',
    'https://case.example/',
    'https://case.example/x',
    'ftp://a',
    'https://A.example',
  ]) {
    expect(at({ origin }), origin).toThrow(/not one/);
  }
  for (const proxy of ['proxy', '10.0.0.0/33', '10.0.0.0/', '10.0.0.0/8/8', '::/129', '10.0.0.0/-1']) {
    expect(at({ trustedProxies: [proxy] }), proxy).toThrow(/trusted proxy is none/);
  }
  expect(at({ origin: 'https://a.example', tls: { cert: 'x', key: 'y' } })).toThrow(/cannot be used/);
});

test('only what trusted proxies say of where a request comes from is believed', () => {
  const trusted = trustOf(['10.0.0.0/24', 'fd00::/8', '127.0.0.1']);
  for (const [remote, forwarded, client] of [
    ['203.0.113.9', undefined, '203.0.113.9'],
    ['203.0.113.9', '198.51.100.1', '203.0.113.9'],
    ['127.0.0.1', '198.51.100.1', '198.51.100.1'],
    ['::ffff:127.0.0.1', '198.51.100.1', '198.51.100.1'],
    ['127.0.0.1', '1.1.1.1, 198.51.100.1', '198.51.100.1'],
    ['127.0.0.1', '1.1.1.1, 198.51.100.1, 10.0.0.7', '198.51.100.1'],
    ['127.0.0.1', '1.1.1.1, not an address', '127.0.0.1'],
    ['fd00::1', '2001:db8::5', '2001:db8::5'],
    ['127.0.0.1', '', '127.0.0.1'],
    [undefined, '198.51.100.1', ''],
  ] as const) {
    expect(clientAddress(remote, forwarded, trusted), `${remote} ${forwarded}`).toBe(client);
  }
});

test('whatever somebody writes into the header, the hop that a trusted proxy added decides', () => {
  const trusted = trustOf(['127.0.0.1']);
  fc.assert(
    fc.property(fc.string(), fc.ipV4(), (claimed, real) => {
      fc.pre(real !== '127.0.0.1');
      expect(clientAddress('127.0.0.1', `${claimed}, ${real}`, trusted)).toBe(real);
    }),
  );
});

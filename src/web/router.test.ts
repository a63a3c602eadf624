// Addresses: which screen they lead to, and with what.
import { expect, test } from 'vitest';
import { matchPath } from './router.tsx';

test('a pattern gives its named parts, and nothing to another path', () => {
  expect(matchPath('/', '/')).toEqual({});
  expect(matchPath('/items/:id', '/items/E-00012')).toEqual({ id: 'E-00012' });
  expect(matchPath('/items/:id', '/items/%D8%B5%2F..')).toEqual({ id: 'ص/..' });
  expect(matchPath('/items/:id', '/items/%ZZ')).toEqual({ id: '%ZZ' });
  for (const path of ['/items', '/items/', '/items/E-1/more', '/individuals/E-1', '/'])
    expect(matchPath('/items/:id', path)).toBeNull();
});

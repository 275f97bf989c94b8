import { expect, it } from 'vitest';
import { accountNamespace } from '../../src/account-namespace.ts';

it.each([
  ['system:serviceaccount:shop:web', 'shop'],
  ['system:serviceaccount:a-b:c:d', 'a-b'],
  ['system:serviceaccount:shop', undefined],
  ['system:serviceaccount::web', undefined],
  ['alice', undefined],
  ['x-system:serviceaccount:shop:web', undefined],
  ['', undefined],
])('%s is of %s', (name, namespace) => {
  expect(accountNamespace(name)).toBe(namespace);
});

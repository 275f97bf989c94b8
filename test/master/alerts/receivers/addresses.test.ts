import { expect, test } from 'vitest';
import { addressTest } from '../../../../master/alerts/receivers/addresses.ts';

const plain = addressTest({ loopback: false, linkLocal: false });

test.each([
  ['10.0.0.1', true],
  ['192.168.1.1', true],
  ['2001:db8::1', true],
  ['fd12:3456::1', true],
  ['127.0.0.1', false],
  ['127.9.9.9', false],
  ['0.0.0.0', false],
  ['::1', false],
  ['::', false],
  ['::ffff:127.0.0.1', false],
  ['::ffff:7f00:1', false],
  ['169.254.169.254', false],
  ['::ffff:169.254.169.254', false],
  ['fe80::1', false],
  ['fe80::1%eth0', false],
  ['fd00:ec2::254', false],
  ['64:ff9b::7f00:1', false],
  ['64:ff9b::a9fe:a9fe', false],
  ['64:ff9b::a00:1', true],
  ['2002:7f00:1::1', false],
  ['2002:a9fe:a9fe::', false],
  ['::127.0.0.1', false],
  ['::a9fe:a9fe', false],
  ['100.100.100.200', false],
  ['100.100.100.201', true],
  ['168.63.129.16', false],
  ['192.0.0.192', false],
  ['224.0.0.1', false],
  ['255.255.255.255', false],
  ['not an address', false],
])('without leave %s may be reached: %s', (address, expected) => {
  expect(plain(address)).toBe(expected);
});

test('each leave is for its own addresses', () => {
  const loopback = addressTest({ loopback: true, linkLocal: false });
  const linkLocal = addressTest({ loopback: false, linkLocal: true });
  expect([loopback('127.0.0.1'), loopback('169.254.169.254')]).toEqual([true, false]);
  expect([linkLocal('127.0.0.1'), linkLocal('169.254.169.254')]).toEqual([false, true]);
  expect(loopback('224.0.0.1')).toBe(false);
});

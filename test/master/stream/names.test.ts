import { headers } from '@nats-io/transport-node';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { checkHead } from '../../../master/graph/replication/messages.ts';
import { announcedBy, isHeld, parseHead } from '../../../master/stream/head.ts';
import { messageOf, setHeaders } from '../../../master/stream/message-headers.ts';
import { streamNames } from '../../../master/stream/names.ts';

test('any names of clusters become names that NATS takes, and different ones stay different', () => {
  expect(streamNames('prod-eu')).toMatchObject({
    stream: 'CI_prod-eu',
    subject: 'ci.prod-eu.log',
    head: 'prod-eu.head',
  });
  expect(streamNames('arn:aws:eks/a.b c').stream).toBe('CI_arn_3aaws_3aeks_2fa_2eb_20c');
  fc.assert(
    fc.property(fc.string(), fc.string(), (a, b) => {
      const [one, two] = [streamNames(a), streamNames(b)];
      expect(one.stream).toMatch(/^CI_[\w-]+$/);
      expect(one.snapshots).toMatch(/^ci_[\w-]+$/);
      for (const subject of [one.subject, one.wanted]) expect(subject).toMatch(/^ci\.[\w-]+\.(log|wanted)$/);
      if (a.toWellFormed() !== b.toWellFormed()) expect(one.stream).not.toBe(two.stream);
    }),
  );
});

test('a head is sent as headers, and invalid ones are refused', () => {
  const head = { format: 1, kind: 'log', epoch: 'e1', term: 't1', number: 7, part: 1, parts: 2, revision: 9 } as const;
  const body = new Uint8Array([1, 2]);
  const there = messageOf(setHeaders(headers(), head), body);
  expect(there).toEqual({ ...head, body });
  expect(() => checkHead(there)).not.toThrow();
  for (const strange of [messageOf(undefined, body), messageOf(headers(), body), { ...there, kind: 'x' as never }])
    expect(() => checkHead(strange)).toThrow('input log');
});

test('a cluster is announced under its own key only, by a name that can be shown', () => {
  const entry = (name: unknown, key = streamNames(String(name)).head, operation = 'PUT') =>
    announcedBy({ key, operation, string: () => JSON.stringify({ name, epoch: 'e', term: 't', begin: 1 }) });
  for (const name of ['prod-eu', 'arn:aws:eks/a.b c', 'a.*.>', 'größe', '__proto__', '*'])
    expect(entry(name)).toBe(name);
  for (const name of ['', 'a\nb', 'a\u0000', 'a\u2028b', 'a\u009bb', 'x'.repeat(254), 7, null])
    expect(entry(name)).toBeUndefined();
  expect(entry('prod-eu', 'evil.head')).toBeUndefined();
  expect(entry('prod-eu', 'prod-eu.lock')).toBeUndefined();
  expect(entry('prod-eu', 'prod-eu.head', 'DEL')).toBeUndefined();
  expect(announcedBy({ key: 'a.head', operation: 'PUT', string: () => 'x'.repeat(10) })).toBeUndefined();
});

test('notes on a cluster are read back, and invalid ones ignored', () => {
  const snapshot = { object: 'o', epoch: 'e', term: 't', number: 1, sequence: 2, revision: 3, bytes: 4, madeAt: '' };
  const head = { name: 'a', epoch: 'e', term: 't', begin: 5 };
  expect(parseHead(JSON.stringify({ ...head, snapshot }))).toEqual({ ...head, snapshot });
  expect(parseHead(JSON.stringify({ ...head, snapshot: { object: 1 } }))).toEqual(head);
  for (const text of ['', '[]', '{}', JSON.stringify({ ...head, begin: 'x' })]) expect(parseHead(text)).toBeUndefined();
  expect(['PUT', 'DEL', 'PURGE'].map((operation) => isHeld({ operation }))).toEqual([true, false, false]);
});

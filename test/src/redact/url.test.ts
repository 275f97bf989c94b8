import fc from 'fast-check';
import { expect, test } from 'vitest';
import { redactUrl } from '../../../src/redact.ts';

const secret = 'Zq8kW2vXn4';

test.each([
  [
    'a URL in a parameter',
    `/cluster/search?q=${encodeURIComponent(`https://u:${secret}@h/`)}`,
    '/cluster/search?q=[redacted]',
  ],
  [
    'an assignment in a parameter',
    `/cluster?label=${encodeURIComponent(`password=${secret}`)}&depth=2`,
    '/cluster?label=[redacted]&depth=2',
  ],
  ['an assignment with blanks as plus signs', `/cluster?q=it+has+password%3A+${secret}`, '/cluster?q=[redacted]'],
  [
    'what is encoded twice',
    `/x?next=${encodeURIComponent(encodeURIComponent(`/y?token=${secret}`))}`,
    '/x?next=[redacted]',
  ],
  [
    'a part of the path',
    `/cluster/resources/pods/${encodeURIComponent(`https://u:${secret}@h`)}/x`,
    '/cluster/resources/pods/[redacted]/x',
  ],
  ['a parameter that names it', `/cluster?token=${secret}`, '/cluster?token=[redacted]'],
])('%s hides no secret', (_what, url, kept) => {
  expect(redactUrl(url)).toBe(kept);
});

test.each([
  '/cluster/resources/pods/shop/web%2F0?at=2026-11-20T10%3A00%3A00Z',
  '/cluster?label=app%3Dweb&namespace=shop',
  '/cluster/search?q=%E6%BC%A2%E5%AD%97',
  '/cluster/search?q=100%',
  '/cluster/search?q=%ff%zz',
])('%s stays as it is', (url) => {
  expect(redactUrl(url)).toBe(url);
});

test('any text stands any number of encodings, and is told the same when it is redacted already', () => {
  fc.assert(
    fc.property(fc.string({ maxLength: 60 }), fc.nat({ max: 4 }), (text, times) => {
      let url = text.toWellFormed();
      for (let i = 0; i < times; i++) url = encodeURIComponent(url);
      const once = redactUrl(`/x?q=${url}`);
      expect(redactUrl(once)).toBe(once);
    }),
  );
});

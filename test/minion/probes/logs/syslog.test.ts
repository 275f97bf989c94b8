import fc from 'fast-check';
import { expect, test } from 'vitest';
import { syslogLineOf } from '../../../../minion/probes/logs/syslog.ts';

test.each([
  ['Nov 28 20:00:00 node-a sshd[17]: Failed password for root', 'Failed password for root', undefined],
  ['Nov  8 20:00:00 node-a kernel: [   1.5] usb 1-1: reset', '[   1.5] usb 1-1: reset', undefined],
  ['Nov 28 20:00:00 node-a last message repeated 3 times', 'last message repeated 3 times', undefined],
  ['<11>Nov 28 20:00:00 node-a app: broken', 'broken', '3'],
  ['2026-11-28T20:00:00.123456+01:00 node-a CRON[9]: (root) CMD (true)', '(root) CMD (true)', undefined],
  ['2026-11-28T20:00:00Z node-a app:', '', undefined],
  ['<165>1 2026-11-28T20:00:00.003Z node-a app 7 ID47 [a@1 k="v\\]" l="w"][b] \uFEFFtext', 'text', '5'],
  ['1 - - - - - - no fact at all', 'no fact at all', undefined],
  ['<34>1 2026-11-28T20:00:00Z node-a su - - -', '', '2'],
  ['<999>1 2026-11-28T20:00:00Z node-a su - - - x', 'x', undefined],
])('%s', (line, text, priority) => {
  expect(syslogLineOf(line)).toEqual(priority === undefined ? { text } : { text, priority });
});

test.each([
  '2026-11-28T20:00:00Z ERROR store: cannot be reached',
  '2026-11-28T20:00:00Z [warn] store: slow',
  '2026-11-28 20:00:00 status installed libc6:amd64',
  '2026/11/28 20:00:00 [error] 7#7: *1 open() failed',
  'update-alternatives 2026-11-28 20:00:00: run with',
  'Nov came early',
  '',
])('other programs write what is left as it is: %s', (line) => {
  expect(syslogLineOf(line)).toBeUndefined();
});

test('whatever a line is, its text is its end', () => {
  const head = fc.constantFrom('', '<13>', '<13>1 - - - - - - ', 'Nov 28 20:00:00 a b: ', '<9>1 - a b c d [x ');
  fc.assert(
    fc.property(head, fc.string(), (start, rest) => {
      const read = syslogLineOf(start + rest);
      if (read) expect((start + rest).endsWith(read.text)).toBe(true);
    }),
  );
});

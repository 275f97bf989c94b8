import { expect, test } from 'vitest';
import { FindingBook } from '../../../master/findings/book.ts';
import { SettingsWatch, settingsFamily } from '../../../master/findings/settings-watch.ts';
import { createTestApp } from '../../support/app.ts';

function watched(first: string) {
  const files = { texts: [{ file: 'findings.yaml', text: first }], unread: [] as { file: string; reason: string }[] };
  const said: string[] = [];
  const note = (line: unknown) => void said.push(String(line));
  const book = new FindingBook();
  const { engine, writer } = createTestApp();
  const watch = new SettingsWatch({
    paths: ['findings.yaml'],
    book,
    writer,
    clock: () => 0,
    logger: { info: note, warn: note } as never,
    read: () => structuredClone(files),
  });
  watch.look();
  const faults = () => [...engine.sources(settingsFamily)].map(([at, { reason }]) => `${at}: ${reason}`);
  return { files, said, book, watch, faults };
}

const accepting = (name: string) => `accept:\n  - finding: ${name}\n    reason: we know\n`;

test('a file is taken over when it changed, and only then', () => {
  const { files, said, book, watch } = watched(accepting('image-mutable'));
  expect(book.settings.accept.map(({ names }) => names)).toEqual(['image-mutable']);
  watch.look();
  expect(said).toHaveLength(1);
  files.texts = [{ file: 'findings.yaml', text: accepting('crash-loop') }];
  watch.look();
  expect(book.settings.accept.map(({ names }) => names)).toEqual(['crash-loop']);
  expect(said).toHaveLength(2);
});

test('errors are reported in the log and completeness, and withdrawn when fixed', () => {
  const { files, said, watch, faults } = watched(`${accepting('image-mutable')}  - finding: [no]\n`);
  expect(faults()).toHaveLength(1);
  expect(said.some((line) => line.includes('left out'))).toBe(true);
  files.texts = [{ file: 'findings.yaml', text: accepting('image-mutable') }];
  watch.look();
  expect(faults()).toEqual([]);
});

test('a file that cannot be read is a fault, and the others hold', () => {
  const { files, book, watch, faults } = watched(accepting('image-mutable'));
  files.unread = [{ file: 'more.yaml', reason: 'permission denied' }];
  watch.look();
  expect(faults()).toEqual(['more.yaml: permission denied']);
  expect(book.settings.accept).toHaveLength(1);
});

test('followers of the rules are told of each change', () => {
  const { files, book, watch } = watched('');
  let told = 0;
  book.follow(() => told++);
  watch.look();
  expect(told).toBe(0);
  files.texts = [{ file: 'findings.yaml', text: accepting('*') }];
  watch.look();
  expect(told).toBe(1);
});

import { expect, test } from 'vitest';
import { usualSettings } from '../../../../master/alerts/settings/alert-settings.ts';
import { FollowedSettings } from '../../../../master/alerts/settings/follow-settings.ts';

function followed(first: string | Error) {
  const file = { text: first };
  const said: string[] = [];
  const note = (line: unknown) => void said.push(String(line));
  const settings = new FollowedSettings({
    file: 'alerts.yaml',
    logger: { info: note, warn: note } as never,
    read() {
      if (file.text instanceof Error) throw file.text;
      return file.text;
    },
  });
  return { file, said, settings };
}

test('a file is taken over when it changed, and only then', () => {
  const { file, said, settings } = followed('end: 5m\n');
  expect([settings.look(), settings.settings.end]).toEqual([true, 300_000]);
  expect(settings.look()).toBe(false);
  file.text = 'end: 6m\n';
  expect([settings.look(), settings.settings.end]).toEqual([true, 360_000]);
  expect(said).toHaveLength(2);
});

test('what cannot be understood leaves what was read before, and is told once', () => {
  const { file, said, settings } = followed('end: 5m\n');
  settings.look();
  file.text = 'end: [\n';
  expect([settings.look(), settings.look(), settings.settings.end]).toEqual([false, false, 300_000]);
  expect(settings.faults).toEqual([{ file: 'alerts.yaml', line: 2, message: expect.stringContaining('neither YAML') }]);
  file.text = new Error('it is gone');
  expect([settings.look(), settings.settings.end]).toEqual([false, 300_000]);
  expect(said.at(-1)).toBe('alerts: left out: alerts.yaml:1: it is gone');
  file.text = 'end: 5m\n';
  expect([settings.look(), settings.faults]).toEqual([true, []]);
});

test('a missing file at the start leaves the defaults', () => {
  const { settings } = followed(new Error('ENOENT'));
  expect([settings.look(), settings.settings]).toEqual([false, usualSettings]);
});

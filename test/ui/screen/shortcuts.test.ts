import { expect, test } from 'vitest';
import type { Finding } from '../../../ui/findings.ts';
import { shortcutsTemplate } from '../../../ui/screen/shortcuts.ts';
import { textOf } from '../text-of.ts';

const finding = (resource: string): Finding =>
  ({ resource, severity: 'critical', sentence: 'Certificate edge/forgotten ended' }) as Finding;

test('the worst findings of several clusters say of which cluster they are', () => {
  const ofFleet = textOf(
    shortcutsTemplate([], [finding('@prod-eu/Secret:edge/x'), finding('@prod%20us/Secret:edge/x')], () => {}),
  );
  expect(ofFleet).toContain('prod-eu: Certificate edge/forgotten ended');
  expect(ofFleet).toContain('prod us: Certificate edge/forgotten ended');
  expect(textOf(shortcutsTemplate([], [finding('Secret:edge/x')], () => {}))).not.toContain(': Certificate');
});

import { describe, expect, test } from 'vitest';
import { usualSettings } from '../../../../master/alerts/settings/alert-settings.ts';
import { readAlertSettings } from '../../../../master/alerts/settings/read-settings.ts';

const read = (text: string) => readAlertSettings('alerts.yaml', text);
const faults = (text: string) => read(text).faults.map(({ line, message }) => `${line}: ${message}`);

test('an empty file is the usual settings, with the usual changes', () => {
  const { settings, faults: found } = read('# nothing yet\n');
  expect(found).toEqual([]);
  expect({ ...settings, rules: [] }).toEqual(usualSettings);
  expect(settings?.rules.map((rule) => rule.kind === 'change' && rule.name)).toEqual(['route-removed', 'host-removed']);
});

test('all that can be said is read, durations as milliseconds', () => {
  const { settings, faults: found } = read(`
url: https://insight.example.com/
group: {by: [resource], wait: 0s, interval: 1m, repeat: 1d, repeatCritical: 1h, perRoot: 30s}
for: {critical: 0s, low: 1h}
end: 1m
lasts: 2h
hold: 90s
flap: {begins: 3, within: 10m, quiet: 20m}
maintenance: {rollouts: false}
changes: [image-changed]
receivers:
  - name: on-call
    match: {severity: [critical, high], namespace: "shop,!test-*", alert: service-*}
    alertmanager: {urls: http://am:9093/, resolve: true, resend: 30s, labels: {team: platform}, bearerTokenFile: /run/token}
  - name: chat
    webhook: {url: https://chat.example.com/hook, secretFile: /run/secret, allow: [loopback], template: '{"text": {{ text | json }}}'}
  - name: lines
    log: {}
alerts:
  - finding: crash-loop
    for: 10m
  - alert: no-endpoint
    change: removed relation loadBalances in namespace shop
    severity: high
  - alert: lonely-database
    type: StatefulSet
    selector: tier=data
    where: {field: spec.replicas, equals: 1}
    sentence: '{name} is alone.'
    severity: low
    for: 3m
`);
  expect(found).toEqual([]);
  expect(settings).toMatchObject({
    url: 'https://insight.example.com',
    grouping: { by: ['resource'], wait: 0, interval: 60_000, repeat: 86_400_000, perRoot: 30_000 },
    for: { critical: 0, high: 300_000, medium: 900_000, low: 3_600_000 },
    damping: { flap: { begins: 3, within: 600_000, quiet: 1_200_000 }, hold: 90_000 },
    maintenance: { cordoned: true, terminating: true, rollouts: false },
  });
  const [first, second, third] = settings?.receivers ?? [];
  expect(first).toMatchObject({
    kind: 'alertmanager',
    urls: ['http://am:9093'],
    resend: 30_000,
    labels: { team: 'platform' },
  });
  expect(first?.match.namespace?.('shop')).toBe(true);
  expect(first?.match.namespace?.('test-1')).toBe(false);
  expect(second).toMatchObject({
    kind: 'webhook',
    allowLoopback: true,
    allowLinkLocal: false,
    queue: 1000,
    ends: true,
  });
  expect(third).toMatchObject({ kind: 'log', name: 'lines' });
  expect(settings?.rules.map((rule) => (rule.kind === 'change' ? rule.name : rule.kind))).toEqual([
    'finding',
    'no-endpoint',
    'finding',
    'image-changed',
  ]);
  const query = settings?.rules[2];
  expect(query).toMatchObject({
    for: 180_000,
    severity: 'low',
    declared: { finding: 'lonely-database', type: ['StatefulSet'] },
  });
});

describe('an invalid entry is reported with its line, and only it is left out', () => {
  test.each([
    ['a key that there is not', 'url: https://a.example\nreceiver: []\n', '2: receiver: there is no such key'],
    ['a duration without a unit', 'group:\n  wait: 30\n', '2: group.wait: must be a duration such as 30s, 5m or 12h'],
    [
      'a URL of another protocol',
      'url: ftp://a.example\n',
      '1: url: must be a URL that begins with http:// or https://',
    ],
    ['a password in a URL', 'url: https://me:secret@a.example\n', '1: url: must hold no password'],
    ['a receiver without a name', 'receivers:\n  - log: {}\n', '2: receivers[0].name: is missing'],
    [
      'a receiver of two kinds',
      'receivers:\n  - name: a\n    log: {}\n    webhook: {url: http://b.example}\n',
      '2: receivers[0]: needs one of',
    ],
    [
      'a label that Alertmanager refuses',
      'receivers:\n  - name: a\n    alertmanager:\n      urls: http://b.example\n      labels:\n        my-team: x\n',
      '6: receivers[0].alertmanager.labels.my-team: must be called letters',
    ],
    [
      'a label that every alert has',
      'receivers:\n  - name: a\n    alertmanager:\n      urls: http://b.example\n      labels: {severity: x}\n',
      '5: receivers[0].alertmanager.labels: severity is a label of every alert already',
    ],
    [
      'a header that frames the message',
      'receivers:\n  - name: a\n    webhook:\n      url: http://b.example\n      headers: {Content-Length: "5"}\n',
      '5: receivers[0].webhook.headers.Content-Length: must be called',
    ],
    [
      'a template that is none',
      'receivers:\n  - name: a\n    webhook:\n      url: http://b.example\n      template: "{{ text"\n',
      '5: receivers[0].webhook.template:',
    ],
    [
      'a template that makes no JSON',
      'receivers:\n  - name: a\n    webhook:\n      url: http://b.example\n      template: |\n        {"text": "{{ text }}"}\n',
      '5: receivers[0].webhook.template: makes no JSON of a message',
    ],
    [
      'a user without a password',
      'receivers:\n  - name: a\n    webhook: {url: http://b.example, username: me}\n',
      '3: receivers[0].webhook.username: username and passwordFile belong together',
    ],
    [
      'a change that is none',
      'alerts:\n  - alert: a\n    change: when the moon is full\n',
      '3: alerts[0].change: "when the moon is full" is not a change',
    ],
    [
      'a state of health that there is not',
      'alerts:\n  - alert: a\n    change: health of Pod becomes sick\n',
      '3: alerts[0].change: "sick" is not a state of health',
    ],
    [
      'two rules of one name',
      'alerts:\n  - {alert: a, change: added Role}\n  - {alert: a, change: removed Role}\n',
      '3: alerts[1].alert: another is called a',
    ],
    [
      'two receivers of one name',
      'receivers:\n  - {name: a, log: {}}\n  - {name: a, log: {}}\n',
      '3: receivers[1].name: another is called a',
    ],
    ['a rule of neither kind', 'alerts:\n  - {alert: a}\n', '2: alerts[0].finding: is missing'],
    ['a text that is not YAML', 'url: [\n', '2: neither YAML nor JSON'],
    ['a list in place of a map', '- name: a\n', '1: must be a map'],
  ])('%s', (_, text, expected) => {
    const found = faults(text);
    expect(found.join('\n')).toContain(expected);
  });

  test('the others are read', () => {
    const { settings } = read(
      'end: soon\nhold: 1m\nreceivers:\n  - {name: a, log: {}}\n  - {name: B, log: {}}\nalerts:\n  - {finding: x, for: 1m}\n  - nonsense\n',
    );
    expect(settings).toMatchObject({ end: usualSettings.end, damping: { hold: 60_000 } });
    expect(settings?.receivers.map(({ name }) => name)).toEqual(['a']);
    expect(settings?.rules.filter(({ kind }) => kind === 'finding')).toHaveLength(1);
  });

  test('names that every object inherits are keys that there are not', () => {
    expect(faults('__proto__: 1\nconstructor: 2\n')).toEqual([
      expect.stringContaining('1: __proto__: there is no such key'),
      expect.stringContaining('2: constructor: there is no such key'),
    ]);
  });

  test('an alias that grows without end is refused', () => {
    const bomb = [
      'a: &a [x,x,x,x,x,x,x,x,x]',
      ...'bcdefgh'.split('').map((name, n) => `${name}: &${name} [${Array(9).fill(`*${'abcdefgh'[n]}`)}]`),
    ];
    expect(faults(bomb.join('\n'))).toEqual([expect.stringContaining('alias')]);
  });
});

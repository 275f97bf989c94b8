import { createHmac } from 'node:crypto';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import type { Message } from '../../../../master/alerts/message.ts';
import { SpoolFolder } from '../../../../master/alerts/receivers/spool-folder.ts';
import { chatText } from '../../../../master/alerts/receivers/template.ts';
import { Webhook } from '../../../../master/alerts/receivers/webhook.ts';
import type { WebhookSettings } from '../../../../master/alerts/settings/alert-settings.ts';
import type { Notice } from '../../../../master/alerts/states/alert-groups.ts';
import { storyOf } from '../../../../master/alerts/story.ts';
import type { Answered, Outgoing } from '../../../../src/http/client.ts';
import { firing, noon, virtualLater } from '../../../support/alerting.ts';
import { type FakeHttp, serve } from '../../../support/fake-http.ts';
import { createVirtualTime } from '../../../support/virtual-time.ts';

const minute = 60_000;
let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'webhook-'));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

const usual: WebhookSettings = {
  kind: 'webhook',
  url: 'https://hooks.example.com/x',
  urlFile: undefined,
  secretFile: undefined,
  credentials: {},
  headers: {},
  template: undefined,
  contentType: 'application/json',
  timeout: 1000,
  allowLoopback: false,
  allowLinkLocal: false,
  queue: 100,
  ends: true,
};

let number = 0;
function notice(id: string, more: Partial<Notice> = {}): Notice {
  return {
    group: `group ${id}`,
    labels: { alert: 'service-no-ready-endpoint' },
    count: ++number,
    at: noon,
    isRepeat: false,
    firing: [firing(id)],
    ended: [],
    active: 1,
    ...more,
  };
}

/** A webhook over a network whose answers the test defines. */
function hooked(more: Partial<WebhookSettings> = {}, kept = false) {
  const time = createVirtualTime(noon);
  const sent: Outgoing[] = [];
  const told = () => sent.map(({ body }) => (JSON.parse(String(body)) as Message).alerts[0]?.id);
  const net: { answer: (n: number) => Partial<Answered> | Error } = { answer: () => ({ status: 200 }) };
  const make = () =>
    new Webhook({
      name: 'chat',
      match: {},
      settings: { ...usual, ...more },
      cluster: 'prod',
      storyOf: (alert) => storyOf(alert, { url: undefined, effectsOf: () => [], before: [] }),
      spool: kept ? new SpoolFolder(folder) : undefined,
      clock: time.clock,
      later: virtualLater(time),
      proxyEnv: {},
      random: () => 1,
      requests: {
        async send(request) {
          sent.push(request);
          const answer = net.answer(sent.length);
          if (answer instanceof Error) throw answer;
          return { status: 200, headers: {}, text: '', ...answer };
        },
        close() {},
      },
    });
  return { time, sent, told, net, make };
}

describe('a message', () => {
  test('is signed over its time and its body, and has an id of its own', async () => {
    writeFileSync(join(folder, 'secret'), 'quiet\n');
    const { sent, make, time } = hooked({ secretFile: join(folder, 'secret'), headers: { 'x-team': 'shop' } });
    const webhook = make();
    await webhook.open();
    await webhook.notify(notice('web'));
    await time.advance(1);
    const { headers = {}, body = Buffer.from('') } = sent[0] ?? {};
    const expected = createHmac('sha256', 'quiet')
      .update(`${headers['x-cluster-insight-timestamp']}.${String(body)}`)
      .digest('hex');
    expect(headers).toMatchObject({
      'content-type': 'application/json',
      'x-team': 'shop',
      'x-cluster-insight-timestamp': noon / 1000,
      'x-cluster-insight-signature': `sha256=${expected}`,
      'x-cluster-insight-delivery': (JSON.parse(String(body)) as Message).id,
    });
    expect(JSON.parse(String(body))).toMatchObject({
      version: 1,
      cluster: 'prod',
      status: 'firing',
      title: '[prod] critical: No Pod of web is ready',
      alerts: [
        {
          resource: 'Deployment:shop/web',
          remedy: 'Look at the Pods.',
          path: [{ field: 'spec.selector' }],
          affected: { count: 1 },
        },
      ],
      more: { count: 0, first: [] },
    });
  });

  test('says in words what is wrong, since when, by what proof, and what to do; and what was wrong until when', async () => {
    const { sent, make, time } = hooked();
    const webhook = make();
    await webhook.notify(notice('web', { firing: [firing('web'), firing('api')], active: 2 }));
    await webhook.notify(
      notice('web', { firing: [], active: 0, ended: [{ alert: firing('web'), at: noon + 60_000, reason: 'over' }] }),
    );
    await time.advance(1);
    const [first, second] = sent.map(({ body }) => (JSON.parse(String(body)) as Message).text.split('\n'));
    expect(first).toEqual([
      '[prod] critical: No Pod of web is ready (and 1 more)',
      '',
      'service-no-ready-endpoint of Deployment:shop/web',
      'since: 2026-11-28T12:00:00.000Z',
      'proof: Service:shop/web loadBalances Pod:shop/web-0 (spec.selector)',
      'affects 1: Pod:shop/web-0',
      'remedy: Look at the Pods.',
      'read: https://example.com/findings',
      '',
      'critical: No Pod of api is ready.',
      'service-no-ready-endpoint of Deployment:shop/api',
      'since: 2026-11-28T12:00:00.000Z',
      expect.stringContaining('proof: '),
      expect.stringContaining('affects 1: '),
      'remedy: Look at the Pods.',
      'read: https://example.com/findings',
    ]);
    expect(second).toEqual([
      '[prod] ended: No Pod of web is ready',
      '',
      'ended: service-no-ready-endpoint of Deployment:shop/web, it is so no more',
      'from 2026-11-28T12:00:00.000Z to 2026-11-28T12:01:00.000Z',
    ]);
  });

  test('of very many alerts tells the worst and counts the others', async () => {
    const { sent, make, time } = hooked();
    const webhook = make();
    await webhook.notify(
      notice('web', { firing: Array.from({ length: 10_000 }, (_, n) => firing(`a${n}`)), active: 10_000 }),
    );
    await time.advance(1);
    const message = JSON.parse(String(sent[0]?.body)) as Message;
    expect([message.alerts.length, message.more.count, message.active]).toEqual([20, 9980, 10_000]);
    expect(message.text).toContain('and 9980 more: ');
    expect(String(sent[0]?.body).length).toBeLessThan(64 << 10);
  });

  test('takes the form of a template', async () => {
    const template =
      '{"text": {{ title | json }}, "blocks": [{% for each in alerts %}{{ each.remedy | json }}{% unless forloop.last %},{% endunless %}{% endfor %}]}';
    const { sent, make, time } = hooked({ template });
    const webhook = make();
    await webhook.notify(notice('web', { firing: [firing('a'), firing('b')] }));
    await time.advance(1);
    expect(JSON.parse(String(sent[0]?.body))).toEqual({
      text: '[prod] critical: No Pod of a is ready (and 1 more)',
      blocks: ['Look at the Pods.', 'Look at the Pods.'],
    });
  });

  test('is not sent for alerts that the receiver excludes', async () => {
    const { sent, make, time } = hooked({ ends: false });
    const webhook = make();
    await webhook.notify(notice('web', { firing: [], ended: [{ alert: firing('web'), at: noon, reason: 'over' }] }));
    await time.advance(minute);
    expect(sent).toEqual([]);
  });
});

describe('what a chat is sent', () => {
  test.each([
    [
      '<!channel> <@U123> <http://evil.example|click>',
      '&lt;!channel&gt; &lt;@\u200bU123&gt; &lt;http://evil.example|click&gt;',
    ],
    ['@all @here &amp;', '@\u200ball @\u200bhere &amp;amp;'],
    ['a mail@example.com, and @ alone', 'a mail@\u200bexample.com, and @ alone'],
    [undefined, ''],
  ])('of %j calls nobody and leads nowhere', (said, expected) => {
    expect(chatText(said)).toBe(expected);
  });

  test('is escaped by the filter `chat`, and still JSON', async () => {
    const { sent, make, time } = hooked({ template: '{"text": {{ alerts[0].sentence | chat | json }}}' });
    const webhook = make();
    const [alert] = [firing('web')];
    const subject = { ...alert.subject, sentence: 'ended last with <!here> "now"\n' };
    await webhook.notify(notice('web', { firing: [{ ...alert, subject }], active: 1 }));
    await time.advance(1);
    expect(JSON.parse(String(sent[0]?.body))).toEqual({ text: 'ended last with &lt;!here&gt; "now"\n' });
  });
});

describe('a template', () => {
  test.each([
    ['reads no file', "{% include '/etc/passwd' %}"],
    ['renders no other template', "{% render '../package.json' %}"],
    ['knows no filter that there is not', '{{ text | shout }}'],
  ])('%s', (_, template) => {
    expect(() => hooked({ template, contentType: 'text/plain' }).make()).toThrow(
      /ENOENT|no such|Failed to lookup|undefined filter/i,
    );
  });

  test('reads nothing that is inherited', async () => {
    const { sent, make, time } = hooked({
      template: '[{{ constructor }}{{ alerts.constructor }}]',
      contentType: 'text/plain',
    });
    await make().notify(notice('web'));
    await time.advance(1);
    expect(String(sent[0]?.body)).toBe('[]');
  });

  test('that does not end is given up', () => {
    const template = '{% for a in (1..100000) %}{% for b in (1..100000) %}{{ b }}{% endfor %}{% endfor %}';
    expect(() => hooked({ template, contentType: 'text/plain' }).make()).toThrow(/limit/);
  });
});

describe('a receiver that', () => {
  test('is down for an hour is told everything in order when it is back, asked ever less often', async () => {
    const { told, net, make, time, sent } = hooked();
    net.answer = () => Object.assign(new Error('refused'), { code: 'ECONNREFUSED' });
    const webhook = make();
    for (const id of ['a', 'b', 'c']) await webhook.notify(notice(id));
    await time.advance(60 * minute);
    // 1, 2, 4, … 256 s, then every 5 minutes.
    expect(sent.length).toBeGreaterThan(15);
    expect(sent.length).toBeLessThan(25);
    expect(webhook.state()).toMatchObject({
      state: 'waiting',
      waiting: 3,
      sent: 0,
      lastError: { message: 'it cannot be reached: ECONNREFUSED' },
    });
    net.answer = () => ({ status: 204 });
    sent.length = 0;
    await time.advance(5 * minute);
    expect(told()).toEqual(['a', 'b', 'c']);
    expect(webhook.state()).toMatchObject({ state: 'ok', waiting: 0, sent: 3, lost: 0 });
  });

  test('says when to come back is asked then', async () => {
    const { sent, net, make, time } = hooked();
    net.answer = (n) => (n === 1 ? { status: 429, headers: { 'retry-after': '90' } } : { status: 200 });
    await make().notify(notice('a'));
    await time.advance(89_000);
    expect(sent).toHaveLength(1);
    await time.advance(2000);
    expect(sent).toHaveLength(2);
  });

  test.each([
    [400, 'refused'],
    [401, 'refused'],
    [404, 'refused'],
    [302, 'refused'],
    [408, 'again'],
    [429, 'again'],
    [500, 'again'],
    [503, 'again'],
  ])('answers %i: %s', async (status, kind) => {
    const { told, net, make, time } = hooked();
    net.answer = (n) => (n === 1 ? { status, text: 'no\nmore' } : { status: 200 });
    const webhook = make();
    await webhook.notify(notice('a'));
    await webhook.notify(notice('b'));
    await time.advance(minute);
    expect(told()).toEqual(kind === 'again' ? ['a', 'a', 'b'] : ['a', 'b']);
    expect(webhook.state()).toMatchObject({
      lost: kind === 'again' ? 0 : 1,
      failed: 1,
      lastError: { message: expect.stringContaining(`${status}`) },
    });
  });

  test('stays away loses the oldest when the queue is full, and it is said', async () => {
    const { told, net, make, time, sent } = hooked({ queue: 3 }, true);
    net.answer = () => ({ status: 500 });
    const webhook = make();
    await webhook.open();
    for (const id of ['a', 'b', 'c', 'd', 'e']) await webhook.notify(notice(id));
    expect(webhook.state()).toMatchObject({ waiting: 3, lost: 2 });
    net.answer = () => ({ status: 200 });
    sent.length = 0;
    await time.advance(minute);
    await expect.poll(() => webhook.state().waiting).toBe(0);
    expect(told().length).toBe(3);
    expect(told().slice(1)).toEqual(['d', 'e']);
  });
});

describe('over a restart', () => {
  test('what was not delivered is delivered by the next process, once', async () => {
    const { told, net, make, time, sent } = hooked({}, true);
    net.answer = () => ({ status: 503 });
    const before = make();
    await before.open();
    for (const id of ['a', 'b']) await before.notify(notice(id));
    await time.advance(10);
    await before.close();
    net.answer = () => ({ status: 200 });
    sent.length = 0;
    const after = make();
    await after.open();
    await expect.poll(() => after.state()).toMatchObject({ waiting: 0, sent: 2 });
    expect(told()).toEqual(['a', 'b']);
    await after.close();
    const third = make();
    await third.open();
    await time.advance(minute);
    expect(told()).toEqual(['a', 'b']);
  });

  test('ignores a broken, incomplete or foreign file', async () => {
    const { told, make, time } = hooked({}, true);
    writeFileSync(join(folder, `000000000001-${'a'.repeat(32)}.json`), '{"id":');
    writeFileSync(join(folder, `000000000002-${'b'.repeat(32)}.json`), JSON.stringify({ id: 'c' }));
    writeFileSync(join(folder, `000000000003-${'c'.repeat(32)}.json.part`), '{}');
    const webhook = make();
    await webhook.open();
    await webhook.notify(notice('a'));
    await time.advance(1);
    expect(told()).toEqual(['a']);
  });

  test('the same message is not sent twice', async () => {
    const { told, make, time } = hooked({}, true);
    const webhook = make();
    await webhook.open();
    const same = notice('a');
    await webhook.notify(same);
    await time.advance(1);
    await webhook.notify({ ...same, at: noon + minute });
    await time.advance(1);
    expect(told()).toEqual(['a']);
  });
});

describe('the network', () => {
  let server: FakeHttp;
  beforeEach(async () => {
    server = await serve((request, response) => {
      if (request.url === '/elsewhere') response.writeHead(302, { location: '/taken' }).end();
      else response.writeHead(200).end();
    });
  });
  afterEach(() => server.close());

  function real(more: Partial<WebhookSettings>) {
    const time = createVirtualTime(noon);
    return new Webhook({
      name: 'chat',
      match: {},
      settings: { ...usual, ...more },
      cluster: 'prod',
      storyOf: (alert) => storyOf(alert, { url: undefined, effectsOf: () => [], before: [] }),
      spool: undefined,
      clock: time.clock,
      later: virtualLater(time),
      proxyEnv: {},
    });
  }

  async function outcome(webhook: Webhook) {
    await webhook.notify(notice('a'));
    await expect.poll(() => webhook.state().sent + webhook.state().failed, { interval: 5 }).toBeGreaterThan(0);
    await webhook.close();
    return webhook.state();
  }

  test('of this host is reached only with leave', async () => {
    const { port } = new URL(server.url);
    for (const url of [
      server.url,
      `http://localhost:${port}/`,
      `http://[::ffff:127.0.0.1]:${port}/`,
      `http://0x7f000001:${port}/`,
    ]) {
      const state = await outcome(real({ url }));
      expect(state).toMatchObject({
        sent: 0,
        lost: 1,
        lastError: { message: expect.stringContaining('may not be connected to') },
      });
    }
    expect(server.asked).toEqual([]);
    expect(await outcome(real({ url: `${server.url}/taken`, allowLoopback: true }))).toMatchObject({ sent: 1 });
  });

  test('redirects are not followed', async () => {
    const state = await outcome(real({ url: `${server.url}/elsewhere`, allowLoopback: true }));
    expect(state).toMatchObject({
      sent: 0,
      lost: 1,
      lastError: { message: expect.stringContaining('redirects are not followed') },
    });
    expect(server.taken()).toEqual(['/elsewhere']);
  });

  test('credentials and the URL are read from files, and stand in no error', async () => {
    writeFileSync(join(folder, 'url'), `${server.url}/taken?token=hidden\n`);
    writeFileSync(join(folder, 'password'), 'quiet\n');
    const login = { username: 'me', passwordFile: join(folder, 'password') };
    const state = await outcome(
      real({ url: undefined, urlFile: join(folder, 'url'), credentials: login, allowLoopback: true }),
    );
    expect(state).toMatchObject({ sent: 1 });
    expect(server.asked[0]?.headers.authorization).toBe(`Basic ${Buffer.from('me:quiet').toString('base64')}`);
    const refused = await outcome(real({ url: undefined, urlFile: join(folder, 'url') }));
    expect(JSON.stringify(refused)).not.toContain('hidden');
    const missing = await outcome(real({ urlFile: join(folder, 'none'), url: undefined }));
    expect(missing).toMatchObject({
      state: 'waiting',
      lastError: { message: expect.stringContaining('cannot be read') },
    });
  });
});

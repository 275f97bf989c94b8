import { describe, expect, test } from 'vitest';
import type { Alert, Transition } from '../../../../master/alerts/alert.ts';
import { Alertmanager } from '../../../../master/alerts/receivers/alertmanager.ts';
import type { PostedAlert } from '../../../../master/alerts/receivers/alertmanager-alert.ts';
import type { SentAnswer } from '../../../../master/alerts/receivers/alertmanager-target.ts';
import { storyOf } from '../../../../master/alerts/story.ts';
import { firing, noon, virtualLater } from '../../../support/alerting.ts';
import { createVirtualTime } from '../../../support/virtual-time.ts';

const minute = 60_000;

/** Answers like an Alertmanager of 0.25 where it matters here: it accepts the valid alerts of a batch, whatever it answers. */
class Peer {
  readonly alerts = new Map<string, PostedAlert>();
  posts = 0;
  answer: SentAnswer | undefined;

  async take(body: string): Promise<SentAnswer> {
    this.posts++;
    if (this.answer) return this.answer;
    const all = JSON.parse(body) as PostedAlert[];
    const isGood = ({ labels, startsAt, endsAt }: PostedAlert) =>
      Object.keys(labels).every((name) => /^[a-zA-Z_][a-zA-Z0-9_]*$/.test(name)) &&
      startsAt < endsAt &&
      !(labels['alertname'] ?? '').includes('bad');
    for (const alert of all.filter(isGood)) this.alerts.set(JSON.stringify(alert.labels), alert);
    return all.every(isGood) ? { status: 200, text: '' } : { status: 400, text: 'invalid label set' };
  }

  active(now: number): readonly string[] {
    const standing = [...this.alerts.values()].filter(({ endsAt }) => Date.parse(endsAt) > now);
    return standing.map(({ labels }) => `${labels['id']} ${labels['severity']}`).toSorted();
  }
}

function opened(urls: readonly string[], match = {}, resolved: readonly string[] = []) {
  const time = createVirtualTime(noon);
  const peers = new Map<string, Peer>();
  const alertmanager = new Alertmanager({
    name: 'on-call',
    match,
    settings: {
      kind: 'alertmanager',
      urls,
      resolve: resolved.length > 0,
      resend: minute,
      allowLinkLocal: false,
      labels: { team: 'shop' },
      credentials: {},
    },
    cluster: 'prod',
    storyOf: (alert) => storyOf(alert, { url: 'https://insight.example.com', effectsOf: () => [], before: [] }),
    clock: time.clock,
    later: virtualLater(time),
    senderOf(url, address) {
      const name = address === undefined ? url : `${url} at ${address}`;
      const peer = peers.get(name) ?? new Peer();
      peers.set(name, peer);
      return (body) => peer.take(body);
    },
    resolve: async () => resolved,
    random: () => 0.5,
  });
  return { time, peers, alertmanager, peer: (name = urls[0] ?? '') => peers.get(name) as Peer };
}

const fired = (alert: Alert): Transition => ({ kind: 'fired', alert, at: noon });

test('what fires is posted at once, to each of them, and stands as long as it is said again', async () => {
  const { time, alertmanager, peer } = opened(['http://a', 'http://b']);
  await alertmanager.open([]);
  alertmanager.take([fired(firing('web'))]);
  await time.advance(1000);
  for (const url of ['http://a', 'http://b']) expect(peer(url).active(time.clock())).toEqual(['web critical']);
  await time.advance(60 * minute);
  expect(peer('http://b').active(time.clock())).toEqual(['web critical']);
  await alertmanager.close();
  await time.advance(5 * minute);
  expect(peer('http://b').active(time.clock())).toEqual([]);
});

test('it says what an alert is in labels that stay, and all else in annotations', async () => {
  const { time, alertmanager, peer } = opened(['http://a']);
  await alertmanager.open([firing('web', { severity: 'high' })]);
  await time.advance(1000);
  const [posted] = peer().alerts.values();
  expect(posted?.labels).toEqual({
    team: 'shop',
    alertname: 'service-no-ready-endpoint',
    cluster: 'prod',
    severity: 'warning',
    level: 'high',
    class: 'broken',
    namespace: 'shop',
    resource: 'Deployment:shop/web',
    type: 'Deployment',
    id: 'web',
  });
  expect(posted?.annotations['description']?.split('\n')).toEqual([
    'high: No Pod of web is ready.',
    'since: 2026-11-28T12:00:00.000Z',
    'proof: Service:shop/web loadBalances Pod:shop/web-0 (spec.selector)',
    'affects 1: Pod:shop/web-0',
    'remedy: Look at the Pods.',
    'read: https://example.com/findings',
    'look: https://insight.example.com/ui/#/around?id=Deployment%3Ashop%2Fweb',
    'picture: https://insight.example.com/cluster?root=Deployment%3Ashop%2Fweb&direction=both&depth=2&format=svg',
  ]);
  expect(posted).toMatchObject({
    startsAt: '2026-11-28T12:00:00.000Z',
    endsAt: '2026-11-28T12:04:00.000Z',
    generatorURL: 'https://insight.example.com/ui/#/around?id=Deployment%3Ashop%2Fweb',
    annotations: { picture_url: expect.stringContaining('format=svg'), runbook_url: 'https://example.com/findings' },
  });
});

test('what ended is said to have ended, and is forgotten after a while', async () => {
  const { time, alertmanager, peer } = opened(['http://a']);
  await alertmanager.open([firing('web')]);
  await time.advance(2 * minute);
  alertmanager.take([{ kind: 'ended', alert: firing('web'), at: time.clock(), reason: 'over' }]);
  await time.advance(1000);
  expect(peer().active(time.clock())).toEqual([]);
  expect([...peer().alerts.values()][0]?.endsAt).toBe('2026-11-28T12:02:00.000Z');
  await time.advance(20 * minute);
  const { posts } = peer();
  await time.advance(10 * minute);
  expect(peer().posts).toBe(posts);
});

test('one that gets worse takes the place of the one that it was', async () => {
  const { time, alertmanager, peer } = opened(['http://a']);
  const alert = firing('web', { severity: 'high' });
  await alertmanager.open([alert]);
  await time.advance(1000);
  alertmanager.take([{ kind: 'changed', alert: { ...alert, severity: 'critical' }, at: time.clock() }]);
  await time.advance(1000);
  expect(peer().active(time.clock())).toEqual(['web critical']);
  expect(peer().alerts.size).toBe(2);
});

describe('what it refuses', () => {
  test('is found among the others, told, and not sent again; the others stand', async () => {
    const { time, alertmanager, peer } = opened(['http://a']);
    const alerts = Array.from({ length: 1200 }, (_, n) => firing(`a${n}`, n === 777 ? { name: 'bad' } : {}));
    await alertmanager.open(alerts);
    await time.advance(1000);
    expect(peer().alerts.size).toBe(1199);
    expect(alertmanager.state()).toMatchObject({ state: 'failing', lost: 1, waiting: 0 });
    expect(alertmanager.state().lastError?.message).toContain('it refuses bad of Deployment:shop/a777');
    const { posts } = peer();
    await time.advance(minute);
    expect(peer().posts).toBe(posts + 3);
    expect(alertmanager.state()).toMatchObject({ state: 'ok', lost: 1 });
  });

  test('hostile names and values are made such that nothing is refused', async () => {
    const { time, alertmanager, peer } = opened(['http://a']);
    const resource = `ConfigMap:shop/${'x'.repeat(5000)}`;
    await alertmanager.open([
      firing('a', { resource, sentence: `half \ud800 \u0000 \n${'y'.repeat(20_000)}` }),
      firing('b', { namespace: '', since: 'nonsense' }),
      { ...firing('c'), since: noon + 10 * minute, firedAt: noon + 10 * minute },
    ]);
    await time.advance(1000);
    expect(peer().active(time.clock())).toEqual(['a critical', 'b critical', 'c critical']);
    expect(alertmanager.state().state).toBe('ok');
  });
});

describe('one that is down', () => {
  test('for an hour gets the present alerts when it returns, without those that came and went', async () => {
    const { time, alertmanager, peer } = opened(['http://a', 'http://b']);
    await alertmanager.open([firing('stays')]);
    await time.advance(1000);
    peer('http://a').answer = { status: 503, text: 'starting' };
    alertmanager.take([fired(firing('passes'))]);
    await time.advance(minute);
    expect(alertmanager.state()).toMatchObject({
      state: 'waiting',
      lastError: { message: expect.stringContaining('503') },
    });
    expect(peer('http://b').active(time.clock())).toEqual(['passes critical', 'stays critical']);
    alertmanager.take([{ kind: 'ended', alert: firing('passes'), at: time.clock(), reason: 'over' }]);
    await time.advance(30 * minute);
    alertmanager.take([fired(firing('new'))]);
    await time.advance(30 * minute);
    const tries = peer('http://a').posts;
    peer('http://a').answer = undefined;
    await time.advance(2 * minute);
    expect(peer('http://a').active(time.clock())).toEqual(['new critical', 'stays critical']);
    expect([...peer('http://a').alerts.keys()].join()).not.toContain('passes');
    expect(tries).toBeLessThan(150);
    expect(alertmanager.state().state).toBe('ok');
  });

  test('says itself when to come back', async () => {
    const { time, alertmanager, peer } = opened(['http://a']);
    await alertmanager.open([]);
    peer().answer = { status: 429, text: 'slow down', retryAfter: 40_000 };
    alertmanager.take([fired(firing('web'))]);
    await time.advance(39_000);
    expect(peer().posts).toBe(1);
    peer().answer = undefined;
    await time.advance(5000);
    expect(peer().active(time.clock())).toEqual(['web critical']);
  });
});

test('a name that stands for several is each of them, also of those that come later', async () => {
  const addresses = ['10.0.0.1', '10.0.0.2'];
  const { time, alertmanager, peer } = opened(['http://am:9093'], {}, addresses);
  await alertmanager.open([firing('web')]);
  await time.advance(1000);
  addresses.push('10.0.0.3');
  await time.advance(2 * minute);
  for (const address of addresses)
    expect(peer(`http://am:9093 at ${address}`).active(time.clock())).toEqual(['web critical']);
  expect(alertmanager.state().targets?.map(({ url }) => url)).toContain('http://am:9093 at 10.0.0.3');
});

test('it is told only what it is to be told', async () => {
  const { time, alertmanager, peer } = opened(['http://a'], { severity: ['critical'] });
  await alertmanager.open([firing('a'), firing('b', { severity: 'high' })]);
  alertmanager.take([fired(firing('c', { severity: 'medium' })), fired(firing('d'))]);
  await time.advance(1000);
  expect(peer().active(time.clock())).toEqual(['a critical', 'd critical']);
});

// Receivers from the settings with the real network: forbidden addresses are not contacted.
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { ReceiverFactory } from '../../../../master/alerts/receivers/open-receivers.ts';
import type { ReceiverState } from '../../../../master/alerts/receivers/receiver.ts';
import { readAlertSettings } from '../../../../master/alerts/settings/read-settings.ts';
import { storyOf } from '../../../../master/alerts/story.ts';
import type { Logger } from '../../../../src/logger.ts';
import { firing } from '../../../support/alerting.ts';

const asked: string[] = [];
const warnings: string[] = [];
let answer = { status: 200, text: '' };
const server = createServer((request, response) => {
  asked.push(`${request.method} ${request.url}`);
  response.writeHead(answer.status).end(answer.text);
});
beforeEach(async () => {
  asked.length = warnings.length = 0;
  answer = { status: 200, text: '' };
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
});
afterEach(() => new Promise((resolve) => server.close(resolve)));

async function opened(alertmanager: string): Promise<ReceiverState> {
  const { settings, faults } = readAlertSettings('f', `receivers: [{name: on-call, alertmanager: {${alertmanager}}}]`);
  expect(faults).toEqual([]);
  const [receiver] = settings?.receivers ?? [];
  if (!receiver) throw new Error('no receiver');
  const factory = new ReceiverFactory({
    cluster: 'prod',
    storyOf: (alert) => storyOf(alert, { url: undefined, effectsOf: () => [], before: [] }),
    folder: undefined,
    clock: Date.now,
    later: () => () => undefined,
    logger: { warn: (text: string) => void warnings.push(text) } as unknown as Logger,
    proxyEnv: {},
  });
  await factory.standing(receiver);
  const made = await factory.open(receiver, [firing('web')]);
  await expect.poll(() => made.state()).toMatchObject({ waiting: 0 });
  await expect.poll(() => made.state().sent + made.state().failed + made.state().lost).toBeGreaterThan(0);
  const state = made.state();
  await made.close();
  return state;
}

const own = () => `http://127.0.0.1:${(server.address() as AddressInfo).port}`;

test('an Alertmanager on this host is told, and asked for what stands there', async () => {
  expect(await opened(`urls: "${own()}"`)).toMatchObject({ state: 'ok', sent: 1 });
  expect(asked.map((each) => each.split('?')[0])).toEqual(['GET /api/v2/alerts', 'POST /api/v2/alerts']);
});

test.each(['http://169.254.169.254', 'http://[fe80::1]:9093', 'http://2852039166/', 'http://[::ffff:a9fe:a9fe]'])(
  'one at %s is never connected to',
  async (url) => {
    expect(await opened(`urls: "${url}"`)).toMatchObject({ state: 'failing', sent: 0 });
    expect(warnings.join()).toContain('may not be connected to');
  },
);

test('reveals no secret of its answer or URL', async () => {
  answer = { status: 500, text: 'password=hunter2leak is wrong' };
  const state = await opened(`urls: "${own()}/?token=hunter3leak"`);
  expect(JSON.stringify([state, warnings])).not.toMatch(/hunter\dleak/);
  expect(state.lastError?.message).toContain('status 500');
});

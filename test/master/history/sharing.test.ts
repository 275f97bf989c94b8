// Whole applications that share a folder of sealed segments, with the real threads.
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { openFolder } from '../../../master/history/shelf.ts';
import { createLogger } from '../../../src/logger.ts';
import { kindNamed } from '../../support/random-cluster.ts';
import { createRecordedApp, type RecordedApp, type RecordedAppOptions } from '../../support/recorded-app.ts';

function newFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), 'sharing-'));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  return folder;
}

function logging() {
  const lines: { readonly level: number; readonly msg: string }[] = [];
  const write = (line: string) => void lines.push(JSON.parse(line) as (typeof lines)[number]);
  return { logger: createLogger({ level: 'info', format: 'json', destination: { write } }), lines };
}

function open(options: RecordedAppOptions): RecordedApp {
  const app = createRecordedApp(options);
  onTestFinished(() => app.close());
  return app;
}

const put = ({ store }: RecordedApp, name: string) =>
  store
    .sinkOf(kindNamed('Pod'))
    .event('ADDED', { metadata: { name, namespace: 'shop', uid: name }, spec: { containers: [] } } as never);

test('what one process recorded and gave, another one without a past answers, byte for byte', async () => {
  const shared = newFolder();
  const first = open({ shared, epoch: 'aaaa0001' });
  put(first, 'a');
  await first.start();
  put(first, 'b');
  const at = (await first.json<{ timestamp: string }>('/cluster')).timestamp;
  const then = (await first.ask(`/cluster?at=${at}`)).text;
  expect(then).toContain('Pod:shop/b');
  put(first, 'c');
  await first.close();
  expect(openFolder(join(shared, 'test')).list()).toHaveLength(1);
  const { lines, logger } = logging();
  const second = open({ shared, epoch: 'bbbb0002', logger });
  put(second, 'd');
  await second.start();
  expect((await second.ask(`/cluster?at=${at}`)).text).toBe(then);
  const { segments, gaps } = await second.json<{ segments: readonly object[]; gaps: readonly { reason: string }[] }>(
    '/cluster/history',
  );
  expect([segments.length, gaps.map(({ reason }) => reason)]).toEqual([2, ['restart']]);
  expect(lines.map(({ msg }) => msg)).toContain('history was taken from the shared folder');
});

test('without the shared folder history is kept as ever, and that is said once', async () => {
  const file = join(newFolder(), 'file');
  writeFileSync(file, 'no folder');
  const { lines, logger } = logging();
  const app = open({ shared: file, logger });
  put(app, 'a');
  await app.start();
  expect((await app.ask('/cluster?at=-0s')).status).toBe(200);
  await app.close();
  const said = lines.filter(({ msg }) => msg.includes('shared folder'));
  expect(said.map(({ level, msg }) => [level, msg])).toEqual([
    [40, 'the shared folder of history cannot be used at the moment'],
  ]);
});

test('in memory nothing is shared, and that is said', async () => {
  const { lines, logger } = logging();
  const app = open({ shared: newFolder(), memory: true, logger });
  await app.start();
  expect(lines.map(({ msg }) => msg)).toContain('no history is shared: there is no folder for it here');
});

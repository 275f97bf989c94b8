// A canary in every place of every kind that may hold a secret is in no output of the master: no form, difference, metric, error
// or log line.
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { views } from '../../master/views/index.ts';
import { createLogger } from '../../src/logger.ts';
import { createTestApp, listen, type TestApp } from '../support/app.ts';
import { canary, everyKind, objectOf, spellings } from '../support/canaries.ts';
import { graphOf } from '../support/random-cluster.ts';
import { watch } from '../support/watching.ts';

const written: string[] = [];
const destination = { write: (line: string) => void written.push(line) };
let served: TestApp;
let url: string;

const shown = (text: string) => spellings.filter((one) => text.includes(one));

beforeAll(async () => {
  const logger = createLogger({ level: 'trace', format: 'text', destination });
  served = createTestApp({ server: { logger } } as object);
  for (const kind of everyKind) {
    served.names.add(kind);
    const sink = served.store.sinkOf(kind);
    sink.event('ADDED', objectOf(kind));
    sink.state('synced');
  }
  served.engine.changes.record();
  url = await listen(served.app);
});
afterAll(() => served.app.close());

describe('a secret in an object', () => {
  test('was there, in every kind', () => {
    expect(everyKind.length).toBeGreaterThan(60);
    for (const kind of everyKind) expect(shown(JSON.stringify(objectOf(kind))).length).toBeGreaterThan(1);
    expect(graphOf(served.engine).resources.length).toBeGreaterThanOrEqual(everyKind.length);
  });

  const forms = ['json', ...views.map(({ name }) => name)];
  test.each(forms)('is in no byte of /cluster as %s', async (name) => {
    const answer = await served.app.inject(`/cluster?format=${name}`);
    expect(answer.statusCode).toBe(200);
    expect(answer.payload).toContain('canary');
    expect(shown(answer.payload)).toEqual([]);
  });

  test.each([
    '/debug',
    '/debug?format=svg',
    '/cluster/groups?by=namespace',
    '/cluster/resources/pods',
    '/cluster/resources/pods/mine/canary',
    '/cluster/resources/secrets',
    '/cluster/completeness',
    '/cluster/groups?by=type',
    '/cluster/analysis?of=cycles',
    '/cluster/search?q=canary',
    '/cluster/impact?of=Pod:mine/canary',
    '/cluster/findings?limit=10000',
    '/cluster/findings?format=ndjson',
    '/cluster/right-sizing',
    '/cluster/alerts',
    '/rules',
    '/metrics',
    '/',
  ])('is in no byte of %s', async (path) => {
    const answer = await served.app.inject(path);
    expect(answer.statusCode).toBe(200);
    expect(shown(answer.payload)).toEqual([]);
  });

  test('is in no finding, though the words of what is broken stand in many', async () => {
    const broken = (type: string, status: object, more: object = {}) => {
      const kind = everyKind.find((each) => each.kind === type);
      if (!kind) throw new Error(`no kind ${type}`);
      const object = objectOf(kind, {
        name: 'broken',
        uid: `broken-${type}`,
        creationTimestamp: '2020-01-01T00:00:00Z',
      });
      served.store.sinkOf(kind).event('ADDED', { ...object, ...more, status });
    };
    const words = `exit: password=${canary} of https://u:${canary}@h/ --token ${canary}`;
    const since = { lastTransitionTime: '2020-01-01T00:00:00Z' };
    const ended = { exitCode: 1, reason: 'Error', message: words, finishedAt: '2020-01-01T00:00:00Z' };
    const waiting = { reason: 'CrashLoopBackOff', message: words };
    broken('Pod', {
      phase: 'Running',
      containerStatuses: [{ name: 'main', restartCount: 9, state: { waiting }, lastState: { terminated: ended } }],
      conditions: [{ type: 'Ready', status: 'False', message: words, ...since }],
    });
    broken('Node', { conditions: [{ type: 'Ready', status: 'Unknown', reason: 'Gone', message: words, ...since }] });
    broken('Namespace', {
      phase: 'Terminating',
      conditions: [{ type: 'NamespaceContentRemaining', status: 'True', reason: 'Some', message: words, ...since }],
    });
    broken('APIService', {
      conditions: [{ type: 'Available', status: 'False', reason: 'X', message: words, ...since }],
    });
    broken('HorizontalPodAutoscaler', {
      conditions: [{ type: 'ScalingActive', status: 'False', reason: 'X', message: words, ...since }],
    });
    const { payload } = await served.app.inject('/cluster/findings?limit=10000');
    expect(payload.split('exit: ').length).toBeGreaterThan(3);
    expect(shown(payload)).toEqual([]);
    const call = {
      jsonrpc: '2.0',
      id: 1,
      method: 'tools/call',
      params: { name: 'findings', arguments: { budget: 16_000 } },
    };
    const accept = 'application/json, text/event-stream';
    const told = await served.app.inject({ method: 'POST', url: '/mcp', headers: { accept }, payload: call });
    expect(told.payload).toContain('broken');
    expect(shown(told.payload)).toEqual([]);
  });

  test('is in no event of /cluster/watch', async () => {
    const watching = await watch(`${url}/cluster/watch`);
    await watching.until(() => watching.retry !== undefined);
    for (const kind of everyKind) {
      const changed = objectOf(kind, { resourceVersion: '2', labels: { changed: 'yes' } });
      served.store.sinkOf(kind).event('MODIFIED', changed);
    }
    await watching.until(() => watching.events.length > 0);
    watching.kill();
    const text = watching.events.map(({ data }) => data).join('\n');
    expect(text).toContain('canary');
    expect(shown(text)).toEqual([]);
  });

  test('is in no line of the log, though it stood in the URL that was asked for', async () => {
    for (const parameter of ['token', 'key', 'sig', 'code', 'auth', 'password', 'X-Amz-Signature', '%6bey'])
      await served.app.inject(`/cluster?${parameter}=${canary}`);
    await served.app.inject(`/https://user:${canary}@host/`);
    const log = written.join('');
    expect(log).toContain('/cluster?token=[redacted]');
    expect(log.match(/GET \/cluster\?/g)?.length).toBeGreaterThan(7);
    expect(shown(log)).toEqual([]);
  });
});

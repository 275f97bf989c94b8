// Secrets that passed through a cluster are in no byte of its history, compressed or not, including SQLite's log.
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { ArchiveReader } from '../../../master/history/archive-reader.ts';
import { openFolder } from '../../../master/history/shelf.ts';
import { kindNamed } from '../../support/random-cluster.ts';
import { createRecordedApp, type RecordedApp } from '../../support/recorded-app.ts';

/** A separate canary for each place and round, to tell where a leak came from. */
const canary = (place: string, round: number) => `canary-${place}-${round}-z9Qx`;
const encoded = (text: string) => Buffer.from(text).toString('base64');
const rounds = 6;

const places: { readonly [place: string]: (secret: string) => readonly [kind: string, object: object] } = {
  secretData: (secret) => ['Secret', { data: { password: encoded(secret) }, stringData: { token: secret } }],
  secretAnnotation: (secret) => [
    'Secret',
    {
      annotations: {
        'kubectl.kubernetes.io/last-applied-configuration': JSON.stringify({ stringData: { a: secret } }),
      },
    },
  ],
  configMapData: (secret) => ['ConfigMap', { data: { 'app.properties': `password=${secret}`, key: secret } }],
  env: (secret) => ['Pod', pod({ env: [{ name: 'DB_PASSWORD', value: secret }] })],
  args: (secret) => ['Pod', pod({ args: ['--user=x', `--password=${secret}`] })],
  command: (secret) => ['Pod', pod({ command: ['sh', '-c', `curl -u admin:${secret} https://x`] })],
  probe: (secret) => ['Pod', pod({ livenessProbe: { exec: { command: ['redis-cli', '-a', secret, 'ping'] } } })],
  initEnv: (secret) => [
    'Pod',
    { spec: { initContainers: [{ name: 'i', image: 'x', env: [{ name: 'TOKEN', value: secret }] }] } },
  ],
  lastApplied: (secret) => [
    'Deployment',
    {
      annotations: {
        'kubectl.kubernetes.io/last-applied-configuration': JSON.stringify({
          spec: { template: pod({ env: [{ name: 'API_KEY', value: secret }] }) },
        }),
      },
    },
  ],
  template: (secret) => ['Deployment', { spec: { template: pod({ env: [{ name: 'API_KEY', value: secret }] }) } }],
  jobTemplate: (secret) => [
    'CronJob',
    { spec: { jobTemplate: { spec: { template: pod({ args: [`--token=${secret}`] }) } } } },
  ],
};

function pod(container: object): object {
  return { spec: { containers: [{ name: 'c', image: 'nginx', ...container }] } };
}

function put(recorded: RecordedApp, place: string, round: number): string {
  const secret = canary(place, round);
  const [kind, { annotations, ...rest }] = (places[place] as (typeof places)[string])(secret) as [
    string,
    { annotations?: object },
  ];
  const metadata = {
    name: `${place.toLowerCase()}`,
    namespace: 'n1',
    uid: place,
    annotations,
    labels: { round: `seen-${round}-z9Qx` },
  };
  recorded.store.sinkOf(kindNamed(kind)).event('MODIFIED', { metadata, ...rest } as never);
  return secret;
}

/** The folder's bytes, and the uncompressed content of all segments. */
function allIn(folder: string): string {
  const files = readdirSync(folder).map((name) => readFileSync(join(folder, name)).toString('latin1'));
  const reader = new ArchiveReader(openFolder(folder), true);
  try {
    const told = reader.overview().segments.flatMap(({ from, epoch }) => unpacked(reader, epoch, from));
    const events = reader.life('Pod:n1/env', 0, Date.now() + 1000);
    return [...files, ...told, JSON.stringify(events)].join('\n');
  } finally {
    reader.close();
  }
}

/** Reads everything that was written of each revision. */
function unpacked(reader: ArchiveReader, epoch: string, from: string): string[] {
  const texts: string[] = [];
  const first = reader.moment({ time: Date.parse(from) });
  for (let revision = first.revision; ; revision++) {
    let moment: typeof first;
    try {
      moment = reader.moment({ epoch, revision });
    } catch {
      return texts;
    }
    for (const chunk of reader.load(moment, {})) texts.push(JSON.stringify(chunk));
    texts.push(JSON.stringify(reader.facts(moment)));
  }
}

test('no canary is in any byte that was written, however often what holds it changed', async () => {
  const recorded = createRecordedApp({ times: { together: 5 } });
  onTestFinished(() => recorded.close());
  const secrets: string[] = [];
  for (const place of Object.keys(places)) secrets.push(put(recorded, place, 0));
  await recorded.start();
  const events = recorded.history.observe(recorded.store.sinkOf(kindNamed('Event')), kindNamed('Event'), recorded);
  for (let round = 1; round < rounds; round++) {
    for (const place of Object.keys(places)) secrets.push(put(recorded, place, round));
    const message = `Liveness probe failed: redis-cli -a ${canary('event', round)} --password=${canary('event2', round)}`;
    secrets.push(canary('event2', round));
    const about = { kind: 'Pod', namespace: 'n1', name: 'env' };
    const metadata = { name: `e${round}`, namespace: 'n1', uid: `e${round}` };
    events.event('ADDED', { metadata, involvedObject: about, reason: 'Unhealthy', message } as never);
    await recorded.ask('/cluster/history');
  }
  const names = readdirSync(recorded.folder);
  expect(names.some((name) => name.endsWith('-wal'))).toBe(true);
  const text = allIn(recorded.folder);
  // Proves that the right data was examined: names, and a label of every round, are in it.
  for (const place of Object.keys(places)) expect(text).toContain(`n1/${place.toLowerCase()}`);
  for (let round = 0; round < rounds; round++) expect(text).toContain(`seen-${round}-z9Qx`);
  const found = secrets.filter((each) => text.includes(each) || text.includes(encoded(each)));
  expect(found).toEqual([]);
});

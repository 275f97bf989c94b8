// The past by tools: the same as REST's diff and life of a resource, for random changes.
import fc from 'fast-check';
import { expect, onTestFinished, test } from 'vitest';
import { allRows, call, saidIn } from '../../support/mcp-call.ts';
import { createWorld, step } from '../../support/random-steps.ts';
import { createRecordedApp } from '../../support/recorded-app.ts';

interface Diff {
  readonly resources: {
    readonly added: readonly { readonly id: string }[];
    readonly changed: readonly { readonly id: string }[];
    readonly removed: readonly string[];
  };
  readonly changes: { readonly [id: string]: { readonly paths?: readonly { readonly path: string }[] } };
}

interface Life {
  readonly versions: readonly { readonly change: string }[];
  readonly relations: readonly object[];
  readonly events: readonly object[];
}

async function recorded() {
  let now = Date.now() - 3_600_000;
  const app = createRecordedApp({ clock: () => ++now });
  onTestFinished(() => app.close());
  const world = createWorld(app);
  const steps = fc.sample(step, { numRuns: 160, seed: 23 });
  for (const each of steps.slice(0, 60)) world.run(each);
  await app.start();
  const from = new Date(now).toISOString();
  for (const each of steps.slice(60)) world.run(each);
  return { app, from, to: new Date(now).toISOString(), world };
}

test('changes tells the resources that came, went and changed, with their fields', async () => {
  const { app, from, to } = await recorded();
  const { resources, changes } = await app.json<Diff>(`/cluster/diff?from=${from}&to=${to}`);
  const rows = await allRows(app.app, 'changes', { from, to });
  const told = (change: string) =>
    new Set(rows.flatMap((row) => (row.change === change && row.relation === undefined ? [row.id] : [])));
  expect(told('added')).toEqual(new Set(resources.added.map(({ id }) => id)));
  expect(told('removed')).toEqual(new Set(resources.removed));
  expect(told('changed')).toEqual(
    new Set(resources.changed.flatMap(({ id }) => ((changes[id]?.paths?.length ?? 0) > 0 ? [id] : []))),
  );
  const paths = new Set(Object.values(changes).flatMap(({ paths = [] }) => paths.map(({ path }) => path)));
  for (const { field } of rows) if (String(field ?? '').startsWith('/')) expect(paths).toContain(field);
  expect(rows.length).toBeGreaterThan(20);
  const { text, structured } = await call(app.app, 'changes', { from, to, namespace: 'n1', kind: 'pod' });
  for (const row of structured.rows) {
    expect(String(row.id)).toMatch(/^Pod:n1\//);
    for (const said of saidIn({ ...row, change: '' }).filter((each) => each !== '""')) expect(text).toContain(said);
  }
});

test('history tells the life of a resource, the newest first', async () => {
  const { app, world } = await recorded();
  let told = 0;
  for (const id of [...world.objects.keys()].slice(0, 12)) {
    const { statusCode, payload } = await app.app.inject(`/cluster/history/${id.replace(':', '/')}?limit=2000`);
    if (statusCode !== 200) continue;
    const { versions, relations, events } = JSON.parse(payload) as Life;
    const rows = await allRows(app.app, 'history', { id });
    expect(rows.length).toBe(versions.length + relations.length + events.length);
    const times = rows.map(({ at }) => String(at));
    expect(times).toEqual(times.toSorted().toReversed());
    told += rows.length;
  }
  expect(told).toBeGreaterThan(12);
});

test('without history the tools say that there is none', async () => {
  const { createTestApp } = await import('../../support/app.ts');
  const { app } = createTestApp();
  for (const [name, given] of [
    ['changes', {}],
    ['history', { id: 'Pod:n/a' }],
  ] as const) {
    const { isError, text } = await call(app, name, given);
    expect(isError).toBe(true);
    expect(text).toMatch(/history/i);
  }
  await app.close();
});

import { expect, test } from 'vitest';
import { buildGraph } from '../../master/build-graph.ts';
import { RuleWatch } from '../../master/rule-watch.ts';
import { silentLogger } from '../../src/logger.ts';
import type { RuleFiles } from '../../src/rule-files.ts';

const good = '- {from: Backup.example.com, name: spec.secret, to: Secret}\n';

function watched(files: { now: RuleFiles }) {
  const { engine, writer, declare } = buildGraph({
    clusterName: 'c',
    version: '0',
    namespaces: [],
    keepValues: false,
    logger: silentLogger,
  });
  let runs = 0;
  const watch = new RuleWatch({
    paths: ['r'],
    writer,
    declare,
    async run(steps) {
      runs++;
      for (;;) {
        const step = steps.next();
        if (step.done) return step.value;
      }
    },
    clock: () => 0,
    logger: silentLogger,
    read: () => files.now,
  });
  return { watch, engine, runs: () => runs };
}

const textOf = (text: string): RuleFiles => ({ texts: [{ file: 'r', text }], unread: [] });

test('rules come and go with their files, and what did not change is not taken over again', async () => {
  const files = { now: textOf(good) };
  const { watch, engine, runs } = watched(files);
  await watch.look();
  await watch.look();
  expect(runs()).toBe(1);
  expect(engine.rules.filter(({ declared }) => declared).map(({ name }) => name)).toEqual([
    'backup-example-com-secret',
  ]);
  files.now = textOf('');
  await watch.look();
  expect(engine.rules.some(({ declared }) => declared)).toBe(false);
});

test('a rule at fault costs itself, and is in the completeness until it is mended', async () => {
  const files = { now: textOf(`${good}- {from: X.y.z}\n`) };
  const { watch, engine } = watched(files);
  await watch.look();
  expect([watch.rules, watch.faults]).toEqual([1, 1]);
  expect(engine.sources('rules').get('r:2')).toMatchObject({ state: 'unknown' });
  expect(JSON.parse(engine.completeness())).toMatchObject({ complete: false });
  files.now = textOf(good);
  await watch.look();
  expect([...engine.sources('rules')]).toEqual([]);
});

test('files that cannot be read are told like a rule at fault', async () => {
  const { watch, engine } = watched({ now: { texts: [], unread: [{ file: 'gone', reason: 'no such file' }] } });
  await watch.look();
  expect(engine.sources('rules').get('gone:1')?.reason).toBe('no such file');
});

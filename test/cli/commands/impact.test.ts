// The tree that `impact` draws, against the answer that it is drawn of.
import { Writable } from 'node:stream';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import type { Call } from '../../../cli/command.ts';
import { impact } from '../../../cli/commands/impact.ts';
import { createOutput } from '../../../cli/print/output.ts';
import { type Source, usualNames } from '../../../cli/sources/source.ts';
import type { Relation } from '../../../src/model.ts';
import { createTestApp, type TestApp } from '../../support/app.ts';
import { kindNamed } from '../../support/random-cluster.ts';
import { workloads } from '../../support/random-workloads.ts';

interface Answer {
  readonly relations: readonly Relation[];
  readonly distances: { readonly [id: string]: number };
}

function sourceOf({ app }: TestApp): Source {
  return {
    name: 'test',
    namespace: undefined,
    names: usualNames,
    async ask(path) {
      const answer = await app.inject({ method: 'GET', url: path, payloadAsStream: true });
      return { status: answer.statusCode, body: answer.stream() };
    },
    post: () => Promise.reject(new Error('nothing is posted here')),
    close: async () => {},
  };
}

async function drawn(source: Source, id: string): Promise<string[]> {
  let text = '';
  const stream = new Writable({
    write(chunk, _encoding, done) {
      text += String(chunk);
      done();
    },
  });
  const call: Call = {
    values: {},
    words: [id],
    output: createOutput(stream, false),
    warn: () => {},
    open: async () => source,
    graphNamed: () => Promise.reject(new Error('no')),
    openActor: () => Promise.reject(new Error('no')),
    input: process.stdin,
    findingsNamed: async () => [],
  };
  await impact.run(call);
  return text.split('\n').slice(1, -1);
}

/** `│  ├─ Pod:n/a *   ← runs   field`: how deep, of what, by which relation. */
function lineOf(line: string) {
  const [lead = ''] = /^[│├└─ ]*/.exec(line) ?? [];
  const [name = '', relation = ''] = line.slice(lead.length).split(/ {2,}/);
  return { depth: lead.length / 3, id: name.replace(/ \*$/, ''), again: name.endsWith(' *'), relation };
}

test('has each resource at the distance that the answer says, and only steps by which harm comes', async () => {
  let steps = 0;
  await fc.assert(
    fc.asyncProperty(workloads, async (objects) => {
      const app = createTestApp();
      for (const object of objects)
        app.store.sinkOf(kindNamed(String(object.kind))).event('ADDED', structuredClone(object));
      for (const id of ['Node:n1', 'Node:n2', 'ConfigMap:n/c1', 'Pod:n/p0', 'Deployment:n/d0', 'ServiceAccount:n/own'])
        steps += await compared(app, id);
      await app.app.close();
    }),
    { numRuns: 12 },
  );
  expect(steps).toBeGreaterThan(100);
});

/** Compares the tree with the answer, and says how many steps it has. */
async function compared(app: TestApp, id: string): Promise<number> {
  const answer = (await app.app.inject(`/cluster/impact?of=${encodeURIComponent(id)}`)).json<Answer>();
  const lines = (await drawn(sourceOf(app), id)).map(lineOf);
  const grown = lines.filter(({ again }) => !again);
  expect(Object.fromEntries(grown.map((line) => [line.id, line.depth]))).toEqual(answer.distances);
  expect(grown).toHaveLength(Object.keys(answer.distances).length);
  const harm = new Set(
    answer.relations.flatMap(({ type, source, target, annotations: { dependent } }) => [
      ...(dependent !== 'source' ? [`${type} ${target}`] : []),
      ...(dependent !== 'target' ? [`← ${type} ${source}`] : []),
    ]),
  );
  for (const line of lines.slice(1)) expect(harm).toContain(`${line.relation} ${line.id}`);
  return lines.length - 1;
}

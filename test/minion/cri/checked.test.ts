import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import {
  changedContainer,
  containerStatusOf,
  containersOf,
  imageStatusOf,
  imagesOf,
  versionOf,
} from '../../../minion/cri/checked.ts';
import { imageIdsOf, imageInspectOf, inspectOf, summaryOf } from '../../../minion/cri/shapes.ts';
import { Fault } from '../../../src/errors.ts';

const id = 'a'.repeat(64);
const anything = fc.anything({ withNullPrototype: true, maxDepth: 3 });
/** A message with fields of any type, except its id. */
const message = (fields: readonly string[]) =>
  fc.record(
    { id: fc.constant(id), ...Object.fromEntries(fields.map((field) => [field, anything])) },
    { requiredKeys: ['id'] },
  );
const container = message([
  'pod_sandbox_id',
  'metadata',
  'image',
  'image_ref',
  'image_id',
  'state',
  'created_at',
  'labels',
]);
const status = message(
  'metadata state created_at started_at finished_at exit_code image image_ref image_id reason message labels annotations mounts log_path resources'.split(
    ' ',
  ),
);
const image = message(['repo_tags', 'repo_digests', 'size']);
const none = () => undefined;

/** The result of `check`; undefined if it refuses with a fault of ours. */
function attempt<T>(check: () => T): T | undefined {
  try {
    return check();
  } catch (error) {
    expect(error).toBeInstanceOf(Fault);
    expect((error as Fault).code).toBe('engine_nonsense');
    return undefined;
  }
}

describe('what the CRI answers', () => {
  test('is told in Docker’s shapes or refused, whatever it is', () => {
    fc.assert(
      fc.property(anything, (answer) => {
        for (const check of [versionOf, containersOf, imagesOf, imageStatusOf] as const) attempt(() => check(answer));
        attempt(() => containerStatusOf(answer, id));
        expect(['string', 'undefined']).toContain(typeof changedContainer(answer));
      }),
    );
  });

  test('has texts where texts are relied on, whatever the types of its fields', () => {
    fc.assert(
      fc.property(fc.array(container), status, fc.array(image), anything, (containers, one, images, info) => {
        const known = imagesOf({ images });
        imageIdsOf(known.entries);
        for (const each of containersOf({ containers }).entries) {
          const summary = summaryOf(each, none);
          expect([summary.Id, typeof summary.State, typeof summary.Image, typeof summary.ImageID]).toEqual([
            id,
            'string',
            'string',
            'string',
          ]);
        }
        const answer = { status: one, info: { info: JSON.stringify(info) ?? '' } };
        const inspect = inspectOf(containerStatusOf(answer, id), none);
        expect(typeof inspect?.State.Running).toBe('boolean');
        expect(Object.values(inspect?.Config.Labels ?? {}).every((label) => typeof label === 'string')).toBe(true);
        for (const each of images) imageInspectOf(imageStatusOf({ image: each, info: {} }));
      }),
    );
  });

  test('loses an entry that is none, alone, and says how many there were', () => {
    const good = { id, state: 'CONTAINER_RUNNING', labels: { a: 'b' } };
    const { entries, refused } = containersOf({ containers: [null, good, 7, { id: '' }, { state: 1 }] });
    expect([entries.map((one) => one.id), refused]).toEqual([[id], 4]);
    expect(imagesOf({ images: [{ id, repo_tags: ['x', 1] }, {}] })).toMatchObject({
      entries: [{ repo_tags: ['x'] }],
      refused: 1,
    });
    for (const list of [undefined, null, {}, 'x'])
      expect(() => containersOf({ containers: list })).toThrow('not a list');
  });

  test.each([99, -1, 'CONTAINER_PAUSED', null, {}])('says unknown for the state %j', (state) => {
    const [one] = containersOf({ containers: [{ id, state }] }).entries;
    expect(one && summaryOf(one, none)).toMatchObject({ State: 'unknown', Status: 'Unknown' });
    expect(inspectOf(containerStatusOf({ status: { id, state } }, id), none)?.State).toMatchObject({
      Status: 'unknown',
      Running: false,
    });
  });

  test('is refused where it speaks of another container than was asked for', () => {
    expect(() => containerStatusOf({ status: { id: 'b'.repeat(64) } }, id)).toThrow('asked for');
    expect(containerStatusOf({ status: null }, id).status).toBeNull();
  });
});

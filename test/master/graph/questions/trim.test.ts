import { describe, expect, it } from 'vitest';
import type { Trim } from '../../../../master/graph/questions/query.ts';
import { trimmed } from '../../../../master/graph/questions/trim.ts';
import { capture, entriesOf } from '../../../../master/graph/revisions/snapshot.ts';
import type { Resource } from '../../../../src/model.ts';
import { createGraph, kindNamed, textOfPieces } from '../../../support/random-cluster.ts';

/** The resources of a small graph whose text was trimmed, by id. */
function told(trim: Trim | undefined): { readonly [id: string]: Resource } {
  const { engine, store } = createGraph();
  const pod = {
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: { name: 'wëb', namespace: 'shop', labels: { app: 'web' } },
    spec: { containers: [{ name: 'main', image: 'redis:7' }] },
    status: { phase: 'Running' },
  };
  store.sinkOf(kindNamed('Pod')).event('ADDED', pod);
  engine.transact(() =>
    engine.annotate('Pod:shop/wëb', 'note', { text: 'said', createdBy: 'a test', field: 'spec', from: 'Pod:shop/wëb' }),
  );
  const snapshot = capture(engine);
  const text = textOfPieces(trimmed(entriesOf(snapshot), trim));
  snapshot.release();
  const all = JSON.parse(`[${text}]`) as Resource[];
  return Object.fromEntries(all.map((each) => [each.id, each]));
}

const id = 'Pod:shop/wëb';

describe('the text of a resource', () => {
  it('is left as it is without a question for less', () => {
    expect(told(undefined)[id]).toMatchObject({
      id,
      type: 'Pod',
      properties: { spec: { containers: [{ name: 'main' }] } },
      annotations: { note: { text: 'said', createdBy: 'a test', field: 'spec', from: id } },
    });
  });

  it('has no properties where none are wanted, and its annotations all the same', () => {
    const { properties, ...rest } = told(undefined)[id] as Resource;
    expect(properties).toBeDefined();
    expect(told({ properties: false })[id]).toEqual(rest);
  });

  it('has those properties that pointers name', () => {
    const whole = told(undefined)[id] as Resource;
    expect(
      told({
        pointers: [
          ['status', 'phase'],
          ['metadata', 'labels', '*'],
        ],
      })[id],
    ).toEqual({
      ...whole,
      properties: { metadata: { labels: { app: 'web' } }, status: { phase: 'Running' } },
    });
    expect(told({ pointers: [['nowhere']] })[id]).toEqual({ ...whole, properties: {} });
  });

  it('has annotations without their origin where reasons are not wanted', () => {
    const whole = told(undefined)[id] as Resource;
    expect(told({ reasons: false })[id]).toEqual({
      ...whole,
      annotations: expect.objectContaining({ label: whole.annotations.label, note: { text: 'said' } }),
    });
    expect(JSON.stringify(told({ reasons: false, properties: false }))).not.toMatch(/createdBy|"field"|"from"/);
  });
});

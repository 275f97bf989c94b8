// Health in pictures: colour and word together, for what needs attention.
import { describe, expect, test } from 'vitest';
import { dot } from '../../../master/views/dot.ts';
import { mermaid } from '../../../master/views/mermaid.ts';
import { healthColours, healthMark, healthSentence } from '../../../master/views/parts/health.ts';
import { svg } from '../../../master/views/svg.ts';
import type { HealthAnnotation, Resource } from '../../../src/model.ts';
import { textOf } from '../../support/hostile-graph.ts';
import { graphOf, resource } from '../../support/shop-graph.ts';

const faring = (id: string, health: object): Resource => {
  const plain = resource(id);
  return { ...plain, annotations: { ...plain.annotations, health: health as HealthAnnotation } };
};
const crashing = faring('Pod:shop/a', { state: 'failed', reason: 'CrashLoopBackOff', field: 'status', ready: '0/1' });
const well = faring('Pod:shop/b', { state: 'ok', reason: 'Running', field: 'status.phase' });
const graph = graphOf([crashing, well], []);

describe('health in a picture', () => {
  test.each([dot, mermaid, svg])('of $name has a colour and a word, and leaves plain what is well', async (view) => {
    const text = await textOf(view, graph);
    const { colour, tint } = healthColours.failed;
    expect(text).toContain('CrashLoopBackOff');
    expect(text).toContain(colour);
    expect(text).toContain(tint);
    expect(text).not.toContain(healthColours.ok.colour);
  });

  test('svg says in its legend what the colour means', async () => {
    expect(await textOf(svg, graph)).toContain('health: failed');
  });

  test.each([
    { health: { state: 'constructor', reason: 'x', field: '' } },
    { health: { state: 'failed' } },
    { health: 'failed' },
    { health: null },
  ])('$health of a graph read from elsewhere is none', ({ health }) => {
    const odd = faring('A:a', health as object);
    expect(healthMark(odd)).toBeUndefined();
    expect(healthSentence(odd)).toBeUndefined();
  });

  test('says from whom it comes', () => {
    const owed = faring('Service:shop/a', {
      state: 'failed',
      reason: 'NoReadyEndpoints',
      field: 'f',
      from: 'Pod:shop/p',
    });
    expect(healthSentence(owed)).toBe('failed: NoReadyEndpoints (f, Pod:shop/p)');
  });
});

// The tool `findings`: rows that an assistant can act on.
import { expect, test } from 'vitest';
import { an, deployment, findingGraph, ingress, service } from '../../support/finding-graph.ts';
import { call } from '../../support/mcp-call.ts';

test('tells the worst first, with what explains it, and counts', async () => {
  const { graph } = findingGraph([
    ingress('i', 'a.example', 'gone'),
    service('cart', { selector: { app: 'none' } }),
    an('ServiceAccount', 'shop/default'),
    deployment('web'),
  ]);
  const { structured, text } = await call(graph.app, 'findings', { namespace: 'shop' });
  expect(structured.rows.map(({ finding, id }) => [finding, id])).toEqual([
    ['route-backend-missing', 'Ingress:shop/i'],
    ['service-selects-nothing', 'Service:shop/cart'],
  ]);
  expect(structured.rows[0]).toMatchObject({ severity: 'high', class: 'broken', affects: 1 });
  expect(text).toContain('Service shop/gone, which does not exist');
  const hosts = await call(graph.app, 'findings', { name: 'host-*' });
  expect(hosts.structured.rows[0]?.['because']).toBe('route-backend-missing Ingress:shop/i');
  const causes = await call(graph.app, 'findings', { caused: false });
  expect(causes.structured.rows.map(({ finding }) => finding)).not.toContain('host-leads-nowhere');
  await graph.app.close();
});

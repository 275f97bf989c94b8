// The stream of findings: how they begin, change and end within a filter.
import { expect, test } from 'vitest';
import { listen } from '../../support/app.ts';
import { findingGraph, ingress, service } from '../../support/finding-graph.ts';

test('the stream of /cluster/findings/watch begins with all there is, and tells what begins and ends', async () => {
  const { graph } = findingGraph([service('cart', { selector: { app: 'none' } }), ingress('i', 'a.example', 'gone')]);
  const url = await listen(graph.app);
  const response = await fetch(`${url}/cluster/findings/watch?type=svc`);
  const reader = (response.body as ReadableStream<Uint8Array>).getReader();
  const decoder = new TextDecoder();
  let text = '';
  const until = async (part: string) => {
    while (!text.includes(part)) text += decoder.decode((await reader.read()).value);
  };
  await until('service-selects-nothing');
  expect(text).toContain('"kind":"begin"');
  graph.store
    .sinkOf({ kind: 'Service', group: '', versions: ['v1'], plural: 'services', namespaced: true })
    .event('DELETED', structuredClone(service('cart')));
  await until('"kind":"end"');
  expect(text).not.toContain('route-backend-missing');
  await reader.cancel();
  await graph.app.close();
});

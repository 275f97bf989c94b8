import { expect, test } from 'vitest';
import { sourceOfAnswer } from '../../../cli/sources/saved.ts';
import { textOf } from '../../../cli/sources/source.ts';
import type { Resource } from '../../../src/model.ts';

const timestamp = '2026-11-28T12:00:00.000Z';

function resource(name: string, annotations: object): Resource {
  const metadata = { name, namespace: 'shop' };
  return {
    id: `ConfigMap:shop/${name}`,
    type: 'ConfigMap',
    timestamp,
    properties: { metadata },
    annotations: { createdBy: 'test', label: name, ...annotations },
  } as unknown as Resource;
}

test('what a saved graph says of applications is asked as in a live one', async () => {
  const application = { name: 'web', field: 'metadata.labels' };
  const resources = [resource('a', { application }), resource('b', {}), resource('c', { missing: true })];
  const answer = { resources, relations: [], completeness: { complete: true } };
  const source = sourceOfAnswer({ answer: answer as never, name: 'saved.json', version: '0.0.0' });
  const groups = async (by: string) => {
    const asked = JSON.parse(await textOf((await source.ask(`/cluster/groups?by=${by}`)).body)) as {
      readonly resources: readonly { readonly id: string; readonly properties: { readonly resources: number } }[];
    };
    return asked.resources.map(({ id, properties }) => [id, properties.resources]);
  };
  expect(await groups('application')).toContainEqual(['ResourceGroup:shop/web', 1]);
  await source.close();
});

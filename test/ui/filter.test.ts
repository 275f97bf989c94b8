import { expect, test } from 'vitest';
import type { Resource } from '../../src/model.ts';
import { filterOf } from '../../ui/filter.ts';

const resource = (id: string, labels: object = {}, annotations: object = {}): Resource => ({
  id,
  type: id.slice(0, id.indexOf(':')),
  timestamp: 'T',
  properties: { metadata: { labels } },
  annotations: { label: id.slice(id.lastIndexOf('/') + 1), ...annotations },
});
const all = [
  resource('Pod:shop/web', { app: 'web', tier: 'front' }),
  resource('Pod:shop/db', { app: 'db' }, { health: { state: 'failed', reason: 'x', field: 'f' } }),
  resource('HTTPRoute.gateway.networking.k8s.io:web/shop', {}, { missing: true }),
];
const nothing = { kinds: [], health: [], namespaces: [], label: '', text: '' };
const kept = (filter: object) =>
  all.filter(filterOf({ ...nothing, ...filter }) ?? (() => true)).map(({ id }) => id.slice(id.lastIndexOf(':') + 1));

test.each([
  [{}, ['shop/web', 'shop/db', 'web/shop']],
  [{ kinds: ['Pod'] }, ['shop/web', 'shop/db']],
  [{ kinds: ['HTTPRoute'] }, ['web/shop']],
  [{ health: ['failed', 'missing'] }, ['shop/db', 'web/shop']],
  [{ namespaces: ['web'] }, ['web/shop']],
  [{ label: 'app=web' }, ['shop/web']],
  [{ label: 'app!=web, tier' }, []],
  [{ label: '!app' }, ['web/shop']],
  [{ label: 'app == db,' }, ['shop/db']],
  [{ text: ' WEB ' }, ['shop/web', 'web/shop']],
  [{ kinds: ['Pod'], text: 'db', health: ['ok'] }, []],
  [{ label: '__proto__' }, []],
])('%j keeps %j', (filter, ids) => {
  expect(kept(filter)).toEqual(ids);
});

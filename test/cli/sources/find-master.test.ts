import { describe, expect, test } from 'vitest';
import { doorOf, isVouchedFor, type MasterService } from '../../../cli/sources/find-master.ts';
import type { Client } from '../../../master/sources/kubernetes/client.ts';

/** An API server with one answer to everything. */
function answering(body: unknown, status = 200): Client {
  return { get: async () => ({ status, headers: {}, body: Buffer.from(JSON.stringify(body)) }) } as unknown as Client;
}

const service: MasterService = {
  namespace: 'ops',
  name: 'insight',
  port: 5555,
  targetPort: 'http',
  selector: { app: 'insight' },
};
const ready = { conditions: [{ type: 'Ready', status: 'True' }] };
const spec = { containers: [{ ports: [{ name: 'http', containerPort: 8080 }] }] };

describe('the door to a master', () => {
  test('is its first ready Pod, at the port that the Service names', async () => {
    const pods = [
      { metadata: { name: 'starting' }, spec, status: { conditions: [{ type: 'Ready', status: 'False' }] } },
      { metadata: { name: 'leaving', deletionTimestamp: '2026-01-01T00:00:00Z' }, spec, status: ready },
      { metadata: { name: 'serving' }, spec, status: ready },
    ];
    expect(await doorOf(answering({ items: pods }), service)).toEqual({
      namespace: 'ops',
      pod: 'serving',
      port: 8080,
      secure: false,
    });
  });

  test.each([
    ['no Pod', []],
    ['no ready one', [{ metadata: { name: 'starting' }, spec, status: {} }]],
    ['one whose name is empty', [{ metadata: { name: '' }, spec, status: ready }]],
    ['one without a name', [{ metadata: {}, spec, status: ready }]],
    ['nonsense', ['pod', null, 7]],
  ])('is closed where the API server lists %s', async (_, items) => {
    await expect(doorOf(answering({ items }), service)).rejects.toThrow(
      'no Pod behind the Service ops/insight is ready',
    );
  });
});

describe('an account of a namespace may review tokens', () => {
  const binding = (subject: unknown, role = 'system:auth-delegator') => ({
    items: [{ roleRef: { kind: 'ClusterRole', name: role }, subjects: [subject] }],
  });
  const account = { kind: 'ServiceAccount', name: 'master', namespace: 'ops' };

  test('where a cluster-wide binding says so', async () => {
    expect(await isVouchedFor(answering(binding(account)), 'ops')).toBe(true);
  });

  test.each([
    ['an account of another namespace', binding({ ...account, namespace: 'other' })],
    ['a user of that name', binding({ ...account, kind: 'User' })],
    ['another role', binding(account, 'view')],
    ['no subject', { items: [{ roleRef: { name: 'system:auth-delegator' } }] }],
    ['subjects that are none', binding('ServiceAccount')],
    ['nothing', {}],
  ])('and not where one is of %s', async (_, list) => {
    expect(await isVouchedFor(answering(list), 'ops')).toBe(false);
  });

  test('and it is not known where bindings may not be listed', async () => {
    expect(await isVouchedFor(answering({}, 403), 'ops')).toBeUndefined();
  });
});

// The load of callers on the API server: limited per request, and shared between tenants.
import fc from 'fast-check';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { createAccessReview } from '../../../../master/access/auth/access-review.ts';
import type { Caller } from '../../../../master/access/auth/authenticator.ts';
import { Bindings } from '../../../../master/access/auth/bindings.ts';
import { type Authorizer, Candidates } from '../../../../master/access/auth/candidates.ts';
import type { World } from '../../../../master/access/auth/rights.ts';
import { createRightsOfCallers } from '../../../../master/access/auth/rights-of-callers.ts';
import { tenantOf } from '../../../../master/access/auth/tenant.ts';
import type { Reviewer } from '../../../../master/access/auth/token-review.ts';
import { buildGraph } from '../../../../master/build-graph.ts';
import { kinds } from '../../../../master/kinds/index.ts';
import { typeOfKind } from '../../../../master/kinds/lookup.ts';
import { silentLogger } from '../../../../src/logger.ts';
import type { KubernetesObject } from '../../../../src/model.ts';
import { Windows } from '../../../../src/windows.ts';
import { kindNamed } from '../../../support/random-cluster.ts';
import { stillClock } from '../../../support/still-clock.ts';

interface Attributes {
  readonly verb: string;
  readonly resource: string;
  readonly namespace?: string;
}

interface Lab {
  /** By user, the namespace in which they may list everything. */
  readonly home: Map<string, string>;
  /** The users asked about so far, oldest first. */
  readonly asked: string[];
  /** Whether grants are reported as RBAC's. */
  rbac: boolean;
  of(caller: Caller): Promise<{ sees(place: { type: string; namespace: string; id: string }): boolean }>;
  time: number;
}

const names = (count: number) => Array.from({ length: count }, (_, i) => `ns-${i}`);

function lab(options: { namespaces?: number; authorizer?: Authorizer; most?: number; bound?: boolean } = {}): Lab {
  const { namespaces = 300, authorizer = 'auto', most, bound = true } = options;
  const home = new Map<string, string>();
  const asked: string[] = [];
  const state = { rbac: true, time: 0 };
  const client: Reviewer = {
    async review({ spec }) {
      const { user, resourceAttributes } = spec as { user: string; resourceAttributes: Attributes };
      asked.push(user);
      await new Promise((resolve) => setImmediate(resolve));
      const allowed = resourceAttributes.verb !== '*' && home.get(user) === (resourceAttributes.namespace ?? '');
      const reason = allowed && state.rbac ? 'RBAC: allowed by RoleBinding "x/y" of Role "z" to User "u"' : '';
      return { status: 201, headers: {}, body: Buffer.from(JSON.stringify({ status: { allowed, reason } })) };
    },
  };
  const clock = stillClock(() => state.time);
  const world: World = {
    kinds: kinds.map((kind) => ({
      type: typeOfKind(kind),
      group: kind.group,
      plural: kind.plural,
      namespaced: kind.namespaced,
    })),
    namespaces: ['data', 'shop', 'web', ...names(namespaces)],
  };
  const review = createAccessReview({ client, clock, ...(most ? { most } : {}) });
  const bindings = {
    namespacesOf: ({ username }: { username: string }) =>
      bound ? new Set(state.rbac && home.has(username) ? [home.get(username) as string] : []) : undefined,
  };
  const trials = new Windows({ most: 600, clock });
  const candidates = new Candidates({ bindings, authorizer, review, trials, logger: silentLogger });
  const rights = createRightsOfCallers({ review, candidates, clock, world: () => world });
  return Object.assign(state, { home, asked, of: (caller: Caller) => rights.of(caller) });
}

function caller(username: string): Caller {
  const known = { name: username, key: username, user: { username, groups: ['system:authenticated'] } };
  return { ...known, tenant: tenantOf(known, '') };
}

const robot = (i: number) => caller(`system:serviceaccount:data:robot-${i}`);
const seesPods = (rights: Awaited<ReturnType<Lab['of']>>, namespace: string) =>
  rights.sees({ type: 'Pod', namespace, id: `Pod:${namespace}/x` });

/** Each kind is asked about in the one namespace that is the caller's and for the whole cluster. */
const mostOfOne = 2 * kinds.length;

describe('one request', () => {
  it.each([
    ['rbac', mostOfOne],
    ['auto', 500],
  ] as const)('costs a bounded number of questions beside 300 other namespaces: %s', async (authorizer, most) => {
    const { asked, home, of } = lab({ authorizer });
    home.set('bob', 'web');
    const rights = await of(caller('bob'));
    expect([seesPods(rights, 'web'), seesPods(rights, 'shop')]).toEqual([true, false]);
    expect(asked.length).toBeLessThan(most);
  });

  it('costs the same with ten times as many namespaces', async () => {
    const counts = await Promise.all(
      [300, 3000].map(async (namespaces) => {
        const { asked, home, of } = lab({ namespaces, authorizer: 'rbac' });
        home.set('bob', 'web');
        await of(caller('bob'));
        return asked.length;
      }),
    );
    expect(counts[1]).toBe(counts[0]);
  });

  it('finds what another authorizer than RBAC grants, and from then on asks everywhere', async () => {
    const world = lab();
    world.rbac = false;
    world.home.set('bob', 'web').set('ann', 'ns-299');
    expect(seesPods(await world.of(caller('bob')), 'web')).toBe(true);
    expect(seesPods(await world.of(caller('ann')), 'ns-299')).toBe(true);
  });

  it('finds a grant after some minutes where there are more namespaces than are tried in one', async () => {
    const world = lab({ namespaces: 2000 });
    world.rbac = false;
    world.home.set('bob', 'ns-1999');
    const found: boolean[] = [];
    for (let minute = 0; minute < 6; minute++) {
      found.push(seesPods(await world.of(caller('bob')), 'ns-1999'));
      world.time += 61_000;
    }
    expect(found.at(-1)).toBe(true);
  });

  it('asks everywhere where bindings are not known, or that is set', async () => {
    for (const options of [{ bound: false }, { authorizer: 'any' as const }]) {
      const { asked, home, of } = lab({ ...options, namespaces: 50 });
      home.set('bob', 'web');
      expect(seesPods(await of(caller('bob')), 'web')).toBe(true);
      expect(asked.length).toBeGreaterThan(500);
    }
  });

  it('asks once for all that is refused in a namespace, and not again for a minute and a half', async () => {
    const world = lab({ bound: false, namespaces: 50 });
    await world.of(caller('bob'));
    const first = world.asked.length;
    for (world.time = 6000; world.time < 90_000; world.time += 6000) await world.of(caller('bob'));
    expect(world.asked.length).toBe(first);
  });
});

describe('many callers of one tenant', () => {
  it('do not delay others: tenants are served in turn', async () => {
    const { asked, home, of } = lab({ authorizer: 'rbac' });
    home.set('bob', 'web').set('alice', 'shop');
    for (let i = 0; i < 250; i++) home.set(robot(i).name, 'data');
    const flood = Promise.allSettled(Array.from({ length: 250 }, (_, i) => of(robot(i))));
    await new Promise((resolve) => setImmediate(resolve));
    const before = asked.length;
    for (const [name, namespace] of [
      ['bob', 'web'],
      ['alice', 'shop'],
    ] as const) {
      expect(seesPods(await of(caller(name)), namespace)).toBe(true);
      expect(asked.filter((who) => who === name).length).toBeLessThan(mostOfOne);
    }
    // Few of the 20,000 waiting requests come before theirs: only those that were already under way or share its turn.
    expect(asked.length - before).toBeLessThan(1200);
    await flood;
  });

  it('have so many questions in a minute together, and are told so; others have their own', async () => {
    const world = lab({ authorizer: 'rbac', most: 1000 });
    world.home.set('bob', 'web');
    const outcomes = await Promise.allSettled(Array.from({ length: 60 }, (_, i) => world.of(robot(i))));
    const refused = outcomes.filter(({ status }) => status === 'rejected');
    expect(refused.length).toBeGreaterThan(0);
    for (const each of refused) expect((each as PromiseRejectedResult).reason).toMatchObject({ code: 'overloaded' });
    expect(world.asked.length).toBeLessThanOrEqual(1000);
    expect(seesPods(await world.of(caller('bob')), 'web')).toBe(true);
    world.time += 61_000;
    await expect(world.of(robot(59))).resolves.toBeDefined();
  });
});

describe('bindings of the graph', () => {
  const binding = (namespace: string, name: string, ...subjects: unknown[]) =>
    ({
      apiVersion: 'rbac.authorization.k8s.io/v1',
      kind: 'RoleBinding',
      metadata: { name, namespace, uid: `${namespace}-${name}` },
      roleRef: { apiGroup: 'rbac.authorization.k8s.io', kind: 'Role', name: 'r' },
      subjects,
    }) as unknown as KubernetesObject;

  function graph() {
    const built = buildGraph({
      clusterName: 'test',
      version: '0',
      namespaces: [],
      keepValues: false,
      logger: silentLogger,
      mirrored: true,
    });
    const { engine, mirror, store } = built;
    const sink = store.sinkOf(kindNamed('RoleBinding'));
    if (!mirror) throw new Error('the graph has no mirror');
    return { sink, bindings: () => new Bindings({ main: engine, mirror }) };
  }
  const found = (bindings: Bindings, username: string, ...groups: string[]) =>
    [...(bindings.namespacesOf({ username, groups }) ?? ['unknown'])].toSorted();

  it('name users, groups and service accounts, now and as they change', () => {
    const { sink, bindings } = graph();
    sink.state('synced');
    sink.event('ADDED', binding('a', 'one', { kind: 'User', name: 'bob' }, { kind: 'Group', name: 'devs' }));
    const known = bindings();
    expect(found(known, 'bob')).toEqual(['a']);
    sink.event('ADDED', binding('b', 'two', { kind: 'ServiceAccount', name: 'robot', namespace: 'x' }));
    sink.event('ADDED', binding('c', 'three', { kind: 'Group', name: 'system:serviceaccounts:x' }));
    sink.event('ADDED', binding('d', 'four', { kind: 'Group', name: 'system:authenticated' }));
    expect(found(known, 'bob', 'devs')).toEqual(['a', 'd']);
    expect(found(known, 'ann', 'devs')).toEqual(['a', 'd']);
    expect(found(known, 'system:serviceaccount:x:robot')).toEqual(['b', 'c', 'd']);
    expect(found(known, 'robot')).toEqual(['d']);
    sink.event('MODIFIED', binding('a', 'one', { kind: 'User', name: 'ann' }));
    sink.event('DELETED', binding('d', 'four'));
    expect([found(known, 'bob', 'devs'), found(known, 'ann')]).toEqual([[], ['a']]);
    known.close();
  });

  it('are not believed to be all where they are not all read', () => {
    const { sink, bindings } = graph();
    sink.event('ADDED', binding('a', 'one', { kind: 'User', name: 'bob' }));
    expect(found(bindings(), 'bob')).toEqual(['unknown']);
    sink.state('synced');
    expect(found(bindings(), 'bob')).toEqual(['a']);
    sink.state('stale', 'the connection broke');
    expect(found(bindings(), 'bob')).toEqual(['unknown']);
  });

  it('may be of any shape', () => {
    const { sink, bindings } = graph();
    sink.state('synced');
    const odd = [
      null,
      7,
      'bob',
      {},
      { kind: 'User' },
      { kind: 'User', name: 7 },
      { kind: 'ServiceAccount', name: 'r' },
    ];
    sink.event('ADDED', binding('a', 'odd', ...odd));
    sink.event('ADDED', { ...binding('a', 'none'), subjects: 'bob' } as unknown as KubernetesObject);
    const known = bindings();
    expect([found(known, 'bob'), found(known, 'system:serviceaccount:a:r')]).toEqual([[], ['a']]);
  });

  it('that are kept while bindings come and go equal those that are read at the end', () => {
    const subject = fc.constantFrom('u1', 'u2', 'u3');
    const step = fc.record({
      namespace: fc.constantFrom('a', 'b', 'c'),
      name: fc.constantFrom('x', 'y'),
      subjects: fc.option(fc.array(subject, { maxLength: 3 }), { nil: undefined }),
    });
    fc.assert(
      fc.property(fc.array(step, { maxLength: 40 }), (steps) => {
        const { sink, bindings } = graph();
        sink.state('synced');
        const kept = bindings();
        for (const { namespace, name, subjects } of steps) {
          const users = (subjects ?? []).map((user) => ({ kind: 'User', name: user }));
          sink.event(subjects ? 'MODIFIED' : 'DELETED', binding(namespace, name, ...users));
        }
        const made = bindings();
        for (const user of ['u1', 'u2', 'u3']) expect(found(kept, user)).toEqual(found(made, user));
      }),
      { numRuns: 100 },
    );
  });
});

afterEach(() => void vi.restoreAllMocks());

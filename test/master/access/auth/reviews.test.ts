import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { createAccessReview } from '../../../../master/access/auth/access-review.ts';
import { type ReadKind, rightsOf } from '../../../../master/access/auth/rights.ts';
import { createTokenReview, type Reviewer } from '../../../../master/access/auth/token-review.ts';
import { kinds } from '../../../../master/kinds/index.ts';
import { typeOfKind } from '../../../../master/kinds/lookup.ts';
import { createAccess, type Rule, type User } from '../../../../src/demo/api/access.ts';
import { review as answerReview } from '../../../../src/demo/api/reviews.ts';
import { fault } from '../../../../src/errors.ts';
import { stillClock } from '../../../support/still-clock.ts';

interface Asked {
  readonly kind: string;
  readonly spec: { readonly resourceAttributes?: { readonly namespace?: string } };
}

/** The fake API server's own reviews without the HTTP, counted; `status` other than 201 fails. */
function createPoster(users: () => readonly User[]) {
  const asked: Asked[] = [];
  const state = { status: 201, body: undefined as string | undefined };
  const client: Reviewer = {
    async review({ kind, spec }) {
      asked.push({ kind, spec });
      const plural = `${kind.toLowerCase()}s`;
      const object = { metadata: { name: '' }, kind, spec };
      const said = answerReview(plural, object, users()[0] as User, createAccess(users()));
      return { status: state.status, headers: {}, body: Buffer.from(state.body ?? JSON.stringify(said)) };
    },
  };
  return { client, asked, state };
}

const ann: User = {
  username: 'ann',
  uid: '7',
  groups: ['shop'],
  extra: { visibleGraphs: ['x'] },
  token: 'ann-token',
  rules: [],
};
const caller = { name: 'ann', key: 'ann', tenant: 'user ann', user: { username: 'ann', groups: ['shop'] } };

describe('a token review', () => {
  it('makes a caller of a token, with all that further reviews want to know', async () => {
    const { client, asked } = createPoster(() => [ann]);
    const authenticator = createTokenReview({ client, clock: stillClock() });
    expect(await authenticator.callerOf('Bearer ann-token')).toMatchObject({
      name: 'ann',
      user: { username: 'ann', uid: '7', groups: ['shop'], extra: { visibleGraphs: ['x'] } },
    });
    await Promise.all(Array.from({ length: 20 }, () => authenticator.callerOf('Bearer ann-token')));
    expect(asked.length).toBe(1);
  });

  it('sends no review for a malformed token, one for a forged one, and another after a while', async () => {
    let now = 0;
    const { client, asked } = createPoster(() => [ann]);
    const authenticator = createTokenReview({ client, clock: stillClock(() => now) });
    expect(await authenticator.callerOf(undefined)).toBeUndefined();
    expect(await authenticator.callerOf('Basic YTpi')).toBeUndefined();
    expect(asked.length).toBe(0);
    const forged = () => authenticator.callerOf('Bearer forged');
    expect(await Promise.all([forged(), forged(), forged()])).toEqual([undefined, undefined, undefined]);
    expect(asked.length).toBe(1);
    now = 11_000;
    await forged();
    expect(asked.length).toBe(2);
  });

  it.each([
    ['a lost connection', new Error('ECONNRESET'), 'unavailable'],
    ['an API server that is too slow', fault('unavailable', { reason: 'no answer' }), 'unavailable'],
    ['another failure of ours', fault('internal'), 'unavailable'],
    [
      'a cluster that is not reached yet',
      fault('not_ready', { reason: 'the API server does not answer' }),
      'not_ready',
    ],
  ])('is refused for %s, and says which', async (_, cause, code) => {
    const client: Reviewer = { review: () => Promise.reject(cause) };
    const asked = createTokenReview({ client, clock: stillClock() }).callerOf('Bearer ann-token');
    await expect(asked).rejects.toMatchObject({ code });
    if (code === 'unavailable') await expect(asked).rejects.toThrow(/cannot be asked who may see what/);
  });

  it('forgets a valid caller within half a minute', async () => {
    let now = 0;
    let users: readonly User[] = [ann];
    const { client } = createPoster(() => users);
    const authenticator = createTokenReview({ client, clock: stillClock(() => now) });
    expect(await authenticator.callerOf('Bearer ann-token')).toBeDefined();
    users = [{ ...ann, token: 'another' }];
    now = 30_000;
    expect(await authenticator.callerOf('Bearer ann-token')).toBeUndefined();
  });

  it('admits no one if it cannot ask, and does not remember that', async () => {
    const { client, state } = createPoster(() => [ann]);
    const authenticator = createTokenReview({ client, clock: stillClock() });
    for (const status of [401, 403, 500]) {
      state.status = status;
      await expect(authenticator.callerOf('Bearer ann-token')).rejects.toMatchObject({ code: 'unavailable' });
    }
    state.status = 201;
    for (const body of [
      '',
      'no',
      '[]',
      '{}',
      '{"status":{"authenticated":"true","user":{"username":"ann"}}}',
      '{"status":{"authenticated":true,"user":{"username":""}}}',
    ]) {
      state.body = body;
      const caller = await authenticator.callerOf(`Bearer t${body.length}`).catch(() => undefined);
      expect(caller, body).toBeUndefined();
    }
    state.body = undefined;
    expect(await authenticator.callerOf('Bearer ann-token')).toBeDefined();
  });
});

describe('an access review', () => {
  it('asks once, and again when the answer is old, sooner for permitted callers', async () => {
    let now = 0;
    const { client, asked } = createPoster(() => [
      { ...ann, rules: [{ verbs: ['list'], apiGroups: [''], resources: ['pods'] }] },
    ]);
    const review = createAccessReview({ client, clock: stillClock(() => now) });
    const pods = { verb: 'list', group: '', resource: 'pods' };
    const nodes = { ...pods, resource: 'nodes' };
    for (const at of [0, 10_000, 25_000, 30_000]) {
      now = at;
      expect(await review.allows(caller, pods)).toBe(true);
      expect(await review.allows(caller, nodes)).toBe(false);
    }
    expect(asked.length).toBe(3);
  });

  it('keeps apart questions that differ in namespace, name or caller alone', async () => {
    const { client, asked } = createPoster(() => [ann]);
    const review = createAccessReview({ client, clock: stillClock() });
    const pods = { verb: 'list', group: '', resource: 'pods' };
    await review.allows(caller, { ...pods, namespace: 'a' });
    await review.allows(caller, { ...pods, name: 'a' });
    await review.allows({ ...caller, key: 'bob' }, pods);
    expect(asked.length).toBe(3);
  });
});

const readKinds: ReadKind[] = kinds.map((kind) => ({
  type: typeOfKind(kind),
  group: kind.group,
  plural: kind.plural,
  namespaced: kind.namespaced,
}));
const namespaces = ['a', 'b', 'c'];

describe('the rights of a caller', () => {
  const rightsWith = async (rules: readonly Rule[], world = { kinds: readKinds, namespaces }) => {
    const poster = createPoster(() => [{ ...ann, rules }]);
    const review = createAccessReview({ client: poster.client, clock: stillClock() });
    return { rights: await rightsOf(caller, world, review), asked: poster.asked };
  };

  it('take one question for a caller with all rights', async () => {
    const { rights, asked } = await rightsWith([{ verbs: ['*'], apiGroups: ['*'], resources: ['*'] }]);
    expect(rights.everything).toBe(true);
    expect(asked.length).toBe(1);
  });

  it('are those of the rules, kind by kind and namespace by namespace', async () => {
    const rule = fc.record({
      verbs: fc.constantFrom(['list'], ['get', 'list', 'watch'], ['get'], ['create']),
      apiGroups: fc.constantFrom([''], ['apps'], ['*']),
      resources: fc.constantFrom(
        ['pods'],
        ['pods', 'services', 'configmaps'],
        ['deployments'],
        ['*'],
        ['nodes'],
        ['pods/exec'],
      ),
      namespaces: fc.option(fc.subarray(namespaces, { minLength: 1 }), { nil: undefined }),
    });
    await fc.assert(
      fc.asyncProperty(fc.array(rule, { maxLength: 4 }), async (drawn) => {
        const rules = drawn.map(({ namespaces: where, ...rest }) => (where ? { ...rest, namespaces: where } : rest));
        const { rights } = await rightsWith(rules);
        const access = createAccess([{ ...ann, rules }]);
        const may = (attributes: object) => access.allows(ann, attributes) !== undefined;
        for (const type of ['Pod', 'Service', 'Deployment', 'Role']) {
          const { group, plural: resource } = readKinds.find((each) => each.type === type) as ReadKind;
          for (const namespace of namespaces)
            expect(rights.sees({ type, namespace, id: '' }), `${type} in ${namespace}`).toBe(
              may({ verb: 'list', group, resource, namespace }),
            );
        }
        expect(rights.sees({ type: 'Node', namespace: '', id: 'Node:x' })).toBe(
          may({ verb: 'list', group: '', resource: 'nodes' }),
        );
        if (rights.everything) return;
        for (const namespace of namespaces)
          expect(rights.sees({ type: 'Process', namespace, id: '' })).toBe(
            may({ verb: 'list', group: '', resource: 'pods', namespace }) &&
              may({ verb: 'create', group: '', resource: 'pods', subresource: 'exec', namespace }),
          );
      }),
      { numRuns: 200 },
    );
  });

  it('of a caller who may list every kind everywhere are complete: nothing is copied', async () => {
    const { rights } = await rightsWith([{ verbs: ['list'], apiGroups: ['*'], resources: ['*'] }]);
    expect(rights.everything).toBe(true);
    const noNodes = readKinds.filter(({ type }) => type !== 'Node').map(({ plural }) => plural);
    const most = await rightsWith([{ verbs: ['list'], apiGroups: ['*'], resources: noNodes }]);
    expect(most.rights.everything).toBe(false);
  });

  it('have the same key whether another namespace exists or not', async () => {
    const rules = [{ verbs: ['list'], apiGroups: [''], resources: ['*'], namespaces: ['a'] }];
    const many = await rightsWith(rules);
    const one = await rightsWith(rules, { kinds: readKinds, namespaces: ['a'] });
    expect(many.rights.key).toBe(one.rights.key);
  });

  it('of a caller with few rights take few questions, however many namespaces there are', async () => {
    const world = { kinds: readKinds, namespaces: Array.from({ length: 432 }, (_, i) => `n${i}`) };
    const { asked } = await rightsWith([], world);
    expect(asked.length).toBeLessThan(5000);
  });

  it('that are scattered over hundreds of namespaces are refused with a reason, not asked for without end', async () => {
    const names = Array.from({ length: 432 }, (_, i) => `n${i}`);
    const rules = [{ verbs: ['list'], apiGroups: [''], resources: ['pods'], namespaces: names }];
    await expect(rightsWith(rules, { kinds: readKinds, namespaces: names })).rejects.toThrow(
      /432 namespaces are too many/,
    );
  });
});

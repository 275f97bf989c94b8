// What a caller may see follows from what the API server lets the caller list.
import { describe, expect, it } from 'vitest';
import type { AccessReview, Question } from '../../../../master/access/auth/access-review.ts';
import { type ReadKind, type Rights, rightsOf } from '../../../../master/access/auth/rights.ts';

const pods: ReadKind = { type: 'Pod', group: '', plural: 'pods', namespaced: true };
const jobs: ReadKind = { type: 'Job', group: 'batch', plural: 'jobs', namespaced: true };
const leases: ReadKind = { type: 'Lease', group: 'coordination.k8s.io', plural: 'leases', namespaced: true };
const nodes: ReadKind = { type: 'Node', group: '', plural: 'nodes', namespaced: false };
const caller = { name: 'a', key: 'a', tenant: 'a' };

/** Questions about resources, as all are here. */
type Asked = Exclude<Question, { readonly path: string }>;
type Allowed = (question: Asked) => boolean;

/** `asked` gets every question. */
function reviewOf(allowed: Allowed, asked: Asked[] = []): AccessReview {
  const allows = async (_: unknown, question: Question) => {
    if ('path' in question) throw new Error('no URL was to be asked about');
    asked.push(question);
    return allowed(question);
  };
  return {
    allows,
    answer: async () => {
      throw new Error('not asked for');
    },
    async allowsOne(of, questions) {
      for (const question of questions) if (await allows(of, question)) return true;
      return false;
    },
  };
}

const ask = (allowed: Allowed, kinds: readonly ReadKind[], namespaces: readonly string[] = ['n1', 'n2']) =>
  rightsOf(caller, { kinds, namespaces }, reviewOf(allowed));
const lists =
  (...resources: string[]): Allowed =>
  ({ verb, resource }) =>
    verb === 'list' && resources.includes(resource);
const listsIn =
  (where: string, ...resources: string[]): Allowed =>
  ({ namespace, ...question }) =>
    namespace === where && lists(...resources)(question);
const sees = (rights: Rights, type: string, namespace = '', id = '') => rights.sees({ type, namespace, id });

describe('who may do everything', () => {
  it('sees everything, and is asked nothing else', async () => {
    const asked: Asked[] = [];
    const review = reviewOf(({ verb, group }) => verb === '*' && group === '*', asked);
    expect((await rightsOf(caller, { kinds: [pods], namespaces: ['n1'] }, review)).everything).toBe(true);
    expect(asked).toHaveLength(1);
  });
});

describe('who may list every kind everywhere', () => {
  it('sees everything', async () => {
    expect((await ask(lists('pods', 'nodes'), [pods, nodes])).everything).toBe(true);
  });

  it('does not if one kind is left out', async () => {
    const rights = await ask(lists('pods', 'nodes'), [pods, nodes, jobs]);
    expect([rights.everything, rights.extentOf('Pod'), rights.extentOf('Job')]).toEqual([false, 'all', 'none']);
  });

  it('is not everybody as long as no kind is known', async () => {
    const rights = await ask(() => false, []);
    expect([rights.everything, sees(rights, 'Pod', 'n1'), rights.extentOf('Pod')]).toEqual([false, false, 'none']);
  });
});

describe('rights in one namespace', () => {
  it('are found by what people usually work with, and then everything there is asked about', async () => {
    const rights = await ask(listsIn('n1', 'jobs', 'leases'), [pods, jobs, leases]);
    expect([sees(rights, 'Job', 'n1'), sees(rights, 'Lease', 'n1'), sees(rights, 'Pod', 'n1')]).toEqual([
      true,
      true,
      false,
    ]);
    expect([sees(rights, 'Job', 'n2'), sees(rights, 'Lease', 'n2')]).toEqual([false, false]);
    expect([...rights.reach]).toEqual(['n1']);
    expect(rights.extentOf('Job')).toBe('some');
  });

  it('are not looked for by what nobody works with alone: the questions would be too many', async () => {
    const rights = await ask(listsIn('n1', 'leases'), [pods, jobs, leases]);
    expect(sees(rights, 'Lease', 'n1')).toBe(false);
  });

  it('show processes to those who may run a command there, and the Namespace to those who may read it', async () => {
    const inside = (question: Asked) =>
      listsIn('n1', 'pods')(question) ||
      (question.namespace === 'n1' && (question.subresource === 'exec' || question.name === 'n1'));
    const rights = await ask(inside, [pods, jobs]);
    expect([sees(rights, 'Process', 'n1'), sees(rights, 'Process', 'n2')]).toEqual([true, false]);
    expect([sees(rights, 'Namespace', '', 'Namespace:n1'), sees(rights, 'Namespace', '', 'Namespace:n2')]).toEqual([
      true,
      false,
    ]);
  });

  it('are processes and Namespaces of other namespaces, too, for those who may list Pods everywhere', async () => {
    const open = (question: Asked) =>
      lists('pods')(question) ||
      (question.namespace === 'n2' && question.subresource === 'exec') ||
      question.name === 'n2';
    const rights = await ask(open, [pods, jobs]);
    expect([sees(rights, 'Process', 'n1'), sees(rights, 'Process', 'n2')]).toEqual([false, true]);
    expect(sees(rights, 'Namespace', '', 'Namespace:n2')).toBe(true);
  });

  it('are looked for in the candidates alone', async () => {
    const candidates = { of: async () => ['n2'] };
    const review = reviewOf(lists('jobs'));
    const only = await rightsOf(caller, { kinds: [pods, jobs], namespaces: ['n1', 'n2'] }, review, candidates);
    expect(only.extentOf('Job')).toBe('all');
    const none = await rightsOf(
      caller,
      { kinds: [jobs, pods], namespaces: ['n1', 'n2'] },
      reviewOf(listsIn('n1', 'jobs')),
      candidates,
    );
    expect(none.extentOf('Job')).toBe('none');
  });
});

describe('rights in very many namespaces', () => {
  const many = Array.from({ length: 3000 }, (_, i) => `n${i}`);
  const inEach: Allowed = ({ verb, resource, namespace }) =>
    verb === 'list' && resource === 'pods' && namespace !== undefined;

  it('are asked about up to 6,000 questions, and refused above', async () => {
    const rights = await ask(inEach, [pods, jobs], many);
    expect(rights.reach.size).toBe(3000);
    await expect(ask(inEach, [pods, jobs], [...many, 'one-more'])).rejects.toMatchObject({ code: 'unavailable' });
  });
});

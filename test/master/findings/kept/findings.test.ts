// Kept findings: up to date with their graph, one per cause, and silent about what is not known.
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { FindingChange } from '../../../../master/findings/contract.ts';
import type { ResourceFindingRule } from '../../../../master/findings/finding-rule.ts';
import { findingRules } from '../../../../master/findings/index.ts';
import { Findings } from '../../../../master/findings/kept/findings.ts';
import { seedObjects } from '../../../../src/demo/seed/index.ts';
import type { KubernetesObject } from '../../../../src/model.ts';
import {
  ago,
  an,
  deployment,
  type FindingGraph,
  findingGraph,
  ingress,
  noon,
  owner,
  pod,
  service,
  slice,
} from '../../../support/finding-graph.ts';

/** The results of rules with memory depend on their history. */
const forgetful = findingRules.filter(({ remembers }) => !remembers);

/** Without times of observation. */
function timeless(findings: Findings): unknown[] {
  return [...findings.current()].map(({ since: _, asOf: __, ...rest }) => rest);
}

function foundAnew({ graph, now }: FindingGraph, rules = forgetful): unknown[] {
  const findings = new Findings({ graph: graph.engine, rules, clock: () => now });
  for (const _ of findings.make());
  return timeless(findings);
}

describe('kept equals found from nothing', () => {
  const objects = seedObjects();
  const change = fc.oneof(
    fc.record({ what: fc.constant('remove' as const), at: fc.nat(objects.length - 1) }),
    fc.record({ what: fc.constant('put' as const), at: fc.nat(objects.length - 1) }),
    fc.record({ what: fc.constant('label' as const), at: fc.nat(objects.length - 1) }),
    fc.record({ what: fc.constant('text' as const), at: fc.nat(objects.length - 1) }),
    fc.record({ what: fc.constant('fields' as const), at: fc.nat(objects.length - 1) }),
    fc.record({ what: fc.constant('time' as const), at: fc.integer({ min: 1, max: 30 }) }),
  );

  test('after any sequence of changes of the demo', () => {
    fc.assert(
      fc.property(fc.array(change, { minLength: 1, maxLength: 12 }), (changes) => {
        const graph = findingGraph(objects, { rules: forgetful });
        for (const { what, at } of changes) {
          if (what === 'time') graph.now += at * 60_000;
          else apply(graph, what, objects[at] as KubernetesObject);
          if (at % 2 === 0) graph.renew();
        }
        // Enough time for the rules on the whole graph to run.
        graph.now += 120_000;
        graph.put(an('ConfigMap', 'shop/last'));
        graph.renew();
        expect(timeless(graph.findings)).toEqual(foundAnew(graph));
        expect(graph.problems).toEqual([]);
      }),
      { numRuns: 12 },
    );
  }, 120_000);

  test('after any sequence of owners that come, go and own each other, where Namespaces accept it or not', () => {
    const names = ['a', 'b', 'c', 'd'];
    const rules = forgetful.filter(({ name }) => name === 'owner-cycle' || name === 'owner-missing');
    const annotated = (reason: string) => ({ annotations: { 'cluster-insight.io/accept': `owner-cycle=${reason}` } });
    const step = fc.oneof(
      fc.record({ put: fc.constantFrom(...names), owners: fc.subarray(names, { maxLength: 2 }) }),
      fc.record({ remove: fc.constantFrom(...names) }),
      fc.record({ accept: fc.constantFrom('', 'known', 'known too') }),
    );
    const owning = (name: string) => {
      return { apiVersion: 'v1', kind: 'ConfigMap', name, uid: `uid of ConfigMap shop/${name}` };
    };
    fc.assert(
      fc.property(fc.array(step, { minLength: 3, maxLength: 14 }), (steps) => {
        const circle = [
          an('ConfigMap', 'shop/x', {}, owner('ConfigMap', 'shop/y')),
          an('ConfigMap', 'shop/y', {}, owner('ConfigMap', 'shop/x')),
        ];
        const graph = findingGraph([an('Namespace', 'shop'), ...circle], { rules });
        for (const each of steps) {
          if ('put' in each) {
            graph.put(an('ConfigMap', `shop/${each.put}`, {}, { ownerReferences: each.owners.map(owning) }));
          } else if ('remove' in each) graph.remove(an('ConfigMap', `shop/${each.remove}`));
          else graph.put(an('Namespace', 'shop', {}, each.accept ? annotated(each.accept) : {}));
          graph.renew();
          expect(timeless(graph.findings)).toEqual(foundAnew(graph, rules));
        }
        expect(graph.found().map(({ resource }) => resource)).toContain('ConfigMap:shop/x');
      }),
      { numRuns: 40 },
    );
  });

  test('advice comes when it is wanted and goes when it is not, and the rest stays what it is', () => {
    const spared = forgetful.filter((rule) => rule.class !== 'advice');
    fc.assert(
      fc.property(fc.array(fc.tuple(change, fc.boolean()), { minLength: 1, maxLength: 6 }), (changes) => {
        const graph = findingGraph(objects, { rules: forgetful, sparesAdvice: true });
        for (const [{ what, at }, wanted] of changes) {
          if (what === 'time') graph.now += at * 60_000;
          else apply(graph, what, objects[at] as KubernetesObject);
          graph.findings.keepAdvice(wanted);
          if (at % 2 === 0) graph.renew();
        }
        graph.now += 120_000;
        graph.put(an('ConfigMap', 'shop/last'));
        graph.renew();
        expect(timeless(graph.findings)).toEqual(foundAnew(graph, graph.findings.keepsAdvice ? forgetful : spared));
      }),
      { numRuns: 4 },
    );
  }, 120_000);

  test('advice computed on demand for one resource equals kept advice', () => {
    const kept = findingGraph(objects, { rules: forgetful });
    const spared = findingGraph(objects, { rules: forgetful, sparesAdvice: true });
    expect(spared.found().filter(({ name }) => isOfAdvice(name))).toEqual([]);
    const hung = new Set(kept.found().flatMap((each) => (isOfAdvice(each.name) ? [each.resource] : [])));
    expect(hung.size).toBeGreaterThan(5);
    for (const resource of hung) {
      const all = [...kept.findings.of(resource)].filter(({ name }) => isOfAdvice(name));
      const asked = [...spared.findings.adviceAbout(resource)].filter((each) => each.resource === resource);
      expect(asked.map(({ id }) => id).sort()).toEqual(all.map(({ id }) => id).sort());
    }
  });

  function isOfAdvice(name: string): boolean {
    return findingRules.some((rule) => rule.name === name && rule.class === 'advice');
  }

  type What = 'remove' | 'put' | 'label' | 'text' | 'fields';

  function apply(graph: FindingGraph, what: What, object: KubernetesObject): void {
    if (what === 'remove') return graph.remove(object);
    if (what === 'put') return graph.put(object);
    const { spec, status } = object as { readonly spec?: object; readonly status?: object };
    if (what === 'text') return graph.put({ ...object, status: { ...status, told: 'otherwise' } } as KubernetesObject);
    if (what === 'fields') {
      const [moved, over] = [
        { ...spec, nodeName: 'node-2' },
        { ...status, phase: 'Succeeded' },
      ];
      return graph.put({ ...object, spec: moved, status: over } as KubernetesObject);
    }
    graph.put({ ...object, metadata: { ...object.metadata, labels: { app: 'web', changed: 'yes' } } });
  }
});

const broken = [
  deployment('web', { containers: [{ name: 'main', envFrom: [{ configMapRef: { name: 'gone' } }] }] }),
  an('ReplicaSet', 'shop/web-1', {}, owner('Deployment', 'shop/web')),
  pod(
    'a',
    { containers: [{ name: 'main', envFrom: [{ configMapRef: { name: 'gone' } }] }] },
    {
      ready: false,
      containerStatuses: [{ name: 'main', state: { waiting: { reason: 'CreateContainerConfigError' } } }],
    },
    { ...owner('ReplicaSet', 'shop/web-1'), labels: { app: 'web' } },
  ),
  service('cart'),
  slice('cart', { a: false }),
  ingress('i', 'a.example', 'cart'),
];

describe('causes', () => {
  test('a missing ConfigMap explains the Service without endpoints and the host that nothing answers for', () => {
    const found = findingGraph(broken)
      .found()
      .filter((each) => each.class === 'broken');
    const cause = found.find(({ name }) => name === 'reference-missing');
    expect(cause).toMatchObject({ resource: 'Deployment:shop/web', affected: { count: 1, first: ['Pod:shop/a'] } });
    expect(cause?.causedBy).toBeUndefined();
    const effects = found.filter(({ causedBy }) => causedBy === cause?.id).map(({ name }) => name);
    expect(effects).toEqual(expect.arrayContaining(['host-leads-nowhere', 'service-no-ready-endpoint']));
    expect(found.filter(({ causedBy }) => causedBy === undefined)).toEqual([cause]);
  });

  test('when the cause ends and the effect stays, nothing explains it any more', () => {
    const graph = findingGraph(broken);
    graph.put(an('ConfigMap', 'shop/gone'));
    graph.renew();
    const service = graph.found().find(({ name }) => name === 'service-no-ready-endpoint');
    expect(graph.found().some(({ name }) => name === 'reference-missing')).toBe(false);
    expect(graph.found().find(({ id }) => id === service?.causedBy)?.name).toBe('container-waiting');
  });
});

describe('changes are told', () => {
  test('the first round as a baseline, then what begins, changes and ends', () => {
    const graph = findingGraph([deployment('web')]);
    const told: FindingChange[] = [];
    graph.findings.subscribe((changes) => told.push(...changes));
    graph.put(service('cart', { selector: { app: 'none' } }));
    graph.renew();
    expect(told.map(({ kind, finding }) => [kind, finding.name])).toEqual([['begin', 'service-selects-nothing']]);
    graph.put(ingress('i', 'a.example', 'cart'));
    graph.renew();
    expect(told.filter(({ finding }) => finding.name === 'service-selects-nothing').at(-1)?.kind).toBe('change');
    graph.put(service('cart'));
    graph.renew();
    expect(told.filter(({ finding }) => finding.name === 'service-selects-nothing').at(-1)?.kind).toBe('end');
  });

  test('nothing begins or ends while a kind is listed again, and what was wrong before is wrong after', () => {
    const graph = findingGraph(broken);
    const told: FindingChange[] = [];
    const before = graph.found();
    graph.findings.subscribe((changes) => told.push(...changes));
    for (const type of ['ConfigMap', 'Pod', 'EndpointSlice', 'Service'])
      graph.state(type, 'stale', 'the watch broke off');
    graph.renew();
    expect(told).toEqual([]);
    for (const type of ['ConfigMap', 'Pod', 'EndpointSlice', 'Service']) graph.state(type, 'synced');
    graph.renew();
    expect(told).toEqual([]);
    expect(graph.found()).toEqual(before);
  });

  test('a Namespace that goes ends what was wrong in it at once', () => {
    const graph = findingGraph(broken);
    const rounds: number[] = [];
    graph.findings.subscribe((changes) => rounds.push(changes.length));
    graph.remove(...broken);
    graph.renew();
    expect(graph.found()).toEqual([]);
    expect(rounds).toHaveLength(1);
  });
});

describe('what is not known', () => {
  test('is undecided, with the reason and of how many', () => {
    const graph = findingGraph([service('a', { selector: { x: 'y' } }), service('b', { selector: { x: 'y' } })], {
      unknown: ['Pod'],
    });
    const undecided = [...graph.findings.undecided()].filter(({ name }) => name === 'service-selects-nothing');
    expect(undecided).toEqual([
      { name: 'service-selects-nothing', reason: 'Pod is left out: not among them', count: 2 },
    ]);
    graph.state('Pod', 'synced');
    graph.renew();
    expect([...graph.findings.undecided()].filter(({ name }) => name === 'service-selects-nothing')).toEqual([]);
    expect(graph.found().filter(({ name }) => name === 'service-selects-nothing')).toHaveLength(2);
  });

  test('files are judged by the newest time that they hold, and undecided where that is too early', () => {
    const rules = findingRules.filter(({ name }) => name === 'cronjob-not-running');
    const spec = { schedule: '0 * * * *' };
    const cron = an('CronJob', 'shop/n', { spec, status: { lastScheduleTime: ago(60 * 50) } });
    const seen = (minutes: number) => an('ConfigMap', 'shop/seen', {}, { creationTimestamp: ago(minutes) });
    const told = (minutes: number) => {
      const { findings } = findingGraph([cron, seen(minutes)], { rules, ofFiles: true });
      return { found: [...findings.all()].length, undecided: [...findings.undecided()].map(({ reason }) => reason) };
    };
    expect(told(5)).toEqual({ found: 1, undecided: [] });
    expect(told(60 * 49)).toEqual({ found: 0, undecided: ['the files do not say when they were written'] });
    expect(told(-60)).toEqual({ found: 0, undecided: ['the files do not say when they were written'] });
  });

  test('a failing rule affects only itself, and is reported', () => {
    const faulty: ResourceFindingRule = {
      ...(findingRules.find(({ name }) => name === 'image-mutable') as ResourceFindingRule),
      name: 'faulty',
      of() {
        throw new Error('no');
      },
    };
    const graph = findingGraph([deployment('web', { containers: [{ name: 'a', image: 'web' }] })], {
      rules: [faulty, ...findingRules],
    });
    expect(graph.problems).toMatchObject([{ rule: 'faulty', id: 'Deployment:shop/web' }]);
    expect(graph.found().map(({ name }) => name)).toContain('image-mutable');
  });
});

describe('one object that is wrong in thousands of places', () => {
  const env = (count: number) =>
    Array.from({ length: count }, (_, n) => ({ configMapRef: { name: `gone-${String(n).padStart(3, '0')}` } }));
  const names = (count: number) =>
    pod('p', { containers: [{ name: 'c', image: 'x', envFrom: env(count) }] }, { ready: false });
  const rules = findingRules.filter(({ name }) => name === 'reference-missing');

  test('is told by a hundred of them, and how many there are', () => {
    const { findings, found } = findingGraph([names(150)], { rules });
    expect(found()).toHaveLength(100);
    expect([...findings.undecided()]).toEqual([
      { name: 'reference-missing', reason: 'only 100 of 150 on one resource are told', count: 1 },
    ]);
  });

  test('is told whole again once they are fewer', () => {
    const graph = findingGraph([names(150)], { rules });
    graph.put(names(3));
    graph.renew();
    expect(graph.found()).toHaveLength(3);
    expect([...graph.findings.undecided()]).toEqual([]);
  });
});

describe('an id', () => {
  test('is the same when the field moves to another place of its list, and for another run', () => {
    const maps = (...names: string[]) =>
      deployment('web', { containers: [{ name: 'main', envFrom: names.map((name) => ({ configMapRef: { name } })) }] });
    const rules = findingRules.filter(({ name }) => name === 'reference-missing');
    const [first] = findingGraph([maps('gone')], { rules }).found();
    const [second] = findingGraph([maps('here', 'gone'), an('ConfigMap', 'shop/here')], { rules }).found();
    expect(second?.id).toBe(first?.id);
    expect(second?.field).not.toBe(first?.field);
    expect(first?.since).toBe(ago(60 * 24 * 30, noon));
  });
});

describe('where the heap has no room', () => {
  const secrets = Array.from({ length: 50 }, (_, i) => ({ secretRef: { name: `missing-${i}` } }));
  const hungry = (name: string) => pod(name, { containers: [{ name: 'main', image: 'a:1', envFrom: secrets }] });

  test('nothing more is noted, what was not looked at is counted, and it is looked at once there is room', () => {
    const world = findingGraph([hungry('a'), hungry('b'), hungry('c')], { rules: forgetful });
    let room = 0;
    const findings = new Findings({
      graph: world.graph.engine,
      rules: forgetful,
      clock: () => world.now,
      room: () => room,
    });
    for (const _ of findings.make());
    expect([...findings.current()].filter(({ resource }) => resource.startsWith('Pod:'))).toEqual([]);
    const [first] = findings.undecided();
    expect(first).toMatchObject({ name: '*', reason: expect.stringContaining('no room') });
    expect(first?.count).toBeGreaterThanOrEqual(3);
    room = Number.POSITIVE_INFINITY;
    expect(findings.nextDue()).toBeLessThanOrEqual(world.now + 60_000);
    world.now += 60_000;
    for (const _ of findings.renew());
    expect(timeless(findings)).toEqual(foundAnew(world));
    expect([...findings.undecided()].some(({ name }) => name === '*')).toBe(false);
  });
});

describe('under steady change', () => {
  const objects = Array.from({ length: 40 }, (_, n) => pod(`pod-${n}`));

  test('a round ends, and what changed meanwhile waits for the next one', () => {
    const graph = findingGraph(objects, { rules: forgetful });
    const touchAll = (round: number) =>
      objects.forEach((object) =>
        graph.put({ ...object, metadata: { ...object.metadata, labels: { round: `${round}` } } }),
      );
    touchAll(0);
    let turns = 0;
    for (const _ of graph.findings.renew()) touchAll(++turns);
    expect(turns).toBeGreaterThan(1);
    expect(graph.findings.waiting).toBeGreaterThan(0);
    graph.renew();
    expect(graph.findings.waiting).toBe(0);
    expect(timeless(graph.findings)).toEqual(foundAnew(graph));
  });

  test('an aborted round loses none of its open subjects', () => {
    const graph = findingGraph(objects, { rules: forgetful });
    for (const object of objects) graph.put({ ...object, metadata: { ...object.metadata, labels: { round: '1' } } });
    const before = graph.findings.waiting;
    const round = graph.findings.renew();
    round.next();
    round.return(undefined as never);
    expect(graph.findings.waiting).toBeGreaterThan(0);
    expect(graph.findings.waiting).toBeLessThan(before);
  });

  test('a class that says something else concerns those that name it; that there is another concerns all without one', () => {
    const classOf = (name: string, labels: object = {}) => an('IngressClass', name, {}, { labels });
    const plain = Array.from({ length: 30 }, (_, n) => ingress(`plain-${n}`, `${n}.example`, 'cart'));
    const named = ['a', 'b'].map((name) => ingress(name, `${name}.example`, 'cart', { ingressClassName: 'nginx' }));
    const graph = findingGraph([...plain, ...named, classOf('nginx'), service('cart')], { rules: forgetful });
    graph.renew();
    graph.put(classOf('nginx', { round: '1' }));
    expect(graph.findings.waiting).toBeLessThan(plain.length);
    graph.renew();
    graph.put(classOf('other'));
    expect(graph.findings.waiting).toBeGreaterThanOrEqual(plain.length);
    graph.renew();
    expect(timeless(graph.findings)).toEqual(foundAnew(graph));
    expect(graph.found().filter(({ name }) => name === 'ingress-without-class')).toHaveLength(plain.length);
    expect(graph.found().find(({ name }) => name === 'ingress-without-class')?.sentence).toContain('nginx and other');
  });

  test('relations of types that no rule looked at concern nobody', () => {
    const asked: string[] = [];
    const spy: ResourceFindingRule = {
      ...{ ...(forgetful[0] as ResourceFindingRule), name: 'other', types: ['Service'], reads: [] },
      of(each, view) {
        asked.push(each.id);
        view.out(each, 'loadBalances');
        view.rootOf(each);
        return undefined;
      },
    };
    const graph = findingGraph([service('cart')], { rules: [spy] });
    graph.renew();
    const askedAfter = (change: () => void) => {
      asked.length = 0;
      change();
      graph.renew();
      return asked;
    };
    const route = ingress('i', 'a.example', 'cart');
    expect(askedAfter(() => graph.put(route))).toEqual([]);
    expect(graph.graph.engine.get('Service:shop/cart')?.in.some(({ type }) => type === 'routesTo')).toBe(true);
    expect(askedAfter(() => graph.remove(route))).toEqual([]);
    expect(askedAfter(() => graph.put(pod('a')))).toEqual(['Service:shop/cart']);
    expect(askedAfter(() => graph.remove(pod('a')))).toEqual(['Service:shop/cart']);
  });

  describe('a rule that looks at the facets of another resource alone', () => {
    const base = forgetful[0] as ResourceFindingRule;
    const asked: string[] = [];
    const spy: ResourceFindingRule = {
      ...{ ...base, name: 'other', types: ['Service'], reads: [] },
      of(service, view) {
        asked.push(service.id);
        for (const { target } of view.out(service, 'loadBalances')) view.facets(target);
        return undefined;
      },
    };
    const behind = (status: { readonly [field: string]: unknown }, metadata: object = {}) =>
      pod('a', { nodeName: 'n1', containers: [{ name: 'main' }] }, status, { labels: { app: 'web' }, ...metadata });
    const before = behind({ ready: true });
    const cases: readonly (readonly [string, KubernetesObject, readonly string[]])[] = [
      ['only its text', behind({ ready: true, hostIP: '10.0.0.9' }), []],
      ['an annotation of the object', behind({ ready: true }, { annotations: { note: 'x' } }), []],
      ['its phase', behind({ ready: true, phase: 'Failed' }), ['Service:shop/cart']],
      ['its labels', behind({ ready: true }, { labels: { app: 'web', more: 'x' } }), ['Service:shop/cart']],
      ['its health', behind({ ready: false }), ['Service:shop/cart']],
    ];

    test.each(cases)('runs again as it should after a change of %s', (_, changed, expected) => {
      const graph = findingGraph([before, service('cart')], { rules: [spy] });
      graph.renew();
      asked.length = 0;
      graph.put(changed);
      graph.renew();
      expect(asked).toEqual(expected);
    });

    test('runs again when it goes and when it comes back', () => {
      const graph = findingGraph([before, service('cart')], { rules: [spy] });
      graph.renew();
      for (const step of [() => graph.remove(before), () => graph.put(before)]) {
        asked.length = 0;
        step();
        graph.renew();
        expect(asked).toEqual(['Service:shop/cart']);
      }
    });
  });

  test('findings on one resource are computed at once, without the others', () => {
    const rule = { ...(forgetful[0] as ResourceFindingRule), name: 'labelled', types: ['Pod'], reads: [] };
    const asked: string[] = [];
    const spy: ResourceFindingRule = { ...rule, of: (vertex) => void asked.push(vertex.id) };
    const graph = findingGraph(objects, { rules: [spy] });
    graph.renew();
    for (const object of objects.slice(0, 10))
      graph.put({ ...object, metadata: { ...object.metadata, labels: { round: '1' } } });
    asked.length = 0;
    expect([...graph.findings.aboutNow('Pod:shop/pod-3')]).toEqual([]);
    expect([...graph.findings.aboutNow('Pod:shop/pod-30')]).toEqual([]);
    expect(asked).toEqual(['Pod:shop/pod-3']);
  });
});

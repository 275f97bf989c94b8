import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { parse } from 'yaml';
import {
  clusterRoles,
  extraRole,
  grantedByDefault,
  isCustom,
  namespacedRole,
  type PolicyRule,
  printedFiles,
  rulesOf,
} from '../../install/rbac.ts';
import { findKind, kinds } from '../../master/kinds/index.ts';
import type { Kind } from '../../master/kinds/kind.ts';
import { typeOfKind } from '../../master/kinds/lookup.ts';
import { type Manifest, objectsOf, root } from '../support/manifests.ts';

const printed = Object.entries(printedFiles(kinds));
const rulesIn = (object: object) => (object as { rules?: readonly PolicyRule[] }).rules ?? [];
const grants = (rules: readonly PolicyRule[], { group, plural }: Kind) =>
  rules.some(({ apiGroups, resources }) => apiGroups.includes(group) && resources.includes(plural));
const clusterRules = () => {
  const text = readFileSync(join(root, 'manifests/rbac/cluster/rbac.yaml'), 'utf8');
  return objectsOf(text).flatMap((object: Manifest) => rulesIn(object));
};

describe('the printed roles', () => {
  test.each(printed)('%s is as the registry prints it (else: node install/render-rbac.ts)', (path, text) => {
    expect(readFileSync(join(root, path), 'utf8')).toBe(text);
  });

  test.each(kinds.map((kind) => [typeOfKind(kind), kind] as const))(
    'grant %s exactly if it is read by default',
    (_, kind) => {
      expect(grants(clusterRules(), kind)).toBe(grantedByDefault(kind));
    },
  );

  test('grant get, list and watch, and nothing by a star', () => {
    const all = printed.flatMap(([, text]) => {
      const objects = objectsOf(text) as unknown as (PolicyRule[] | Manifest)[];
      return objects.flatMap((object) => (Array.isArray(object) ? object : rulesIn(object)));
    });
    expect(all.length).toBeGreaterThan(30);
    const proxies = all.filter(({ resources }) => resources.includes('nodes/proxy'));
    expect(proxies).toEqual(Array(2).fill({ apiGroups: [''], resources: ['nodes/proxy'], verbs: ['get'] }));
    for (const rule of all.filter((each) => !proxies.includes(each))) {
      expect(rule.verbs).toEqual(rule.apiGroups[0] === 'metrics.k8s.io' ? ['list'] : ['get', 'list', 'watch']);
      expect([...rule.apiGroups, ...rule.resources].join(' ')).not.toContain('*');
      expect(rule.resources.join(' ')).not.toContain('/');
    }
  });

  test('are gathered by their label into the one that is bound', () => {
    const [bound, ...gathered] = clusterRoles(kinds) as Manifest[];
    expect(bound).not.toHaveProperty('rules');
    const label = { 'cluster-insight.io/aggregate-to-reader': 'true' };
    const own = { 'cluster-insight.io/aggregate-to-reader': 'own' };
    const installation = {
      'app.kubernetes.io/instance': 'cluster-insight',
      'cluster-insight.io/installed-in': 'cluster-insight',
    };
    expect(bound?.aggregationRule).toEqual({
      clusterRoleSelectors: [{ matchLabels: label }, { matchLabels: { ...own, ...installation } }],
    });
    expect(gathered.map(({ metadata }) => metadata.labels)).toEqual(gathered.map(() => own));
    expect(gathered.map(({ metadata }) => metadata.name)).toEqual([
      'cluster-insight:cluster-insight-reader-core',
      'cluster-insight:cluster-insight-reader-custom',
    ]);
  });

  test('of a namespace hold namespaced kinds only', () => {
    const rules = rulesIn(namespacedRole(kinds));
    for (const kind of kinds) expect(grants(rules, kind)).toBe(kind.namespaced && grantedByDefault(kind));
  });

  test('keep Secrets and Events to components of their own', () => {
    const secrets = parse(readFileSync(join(root, 'manifests/components/secrets/role/rbac.yaml'), 'utf8')) as Manifest;
    expect(rulesIn(secrets)).toEqual([{ apiGroups: [''], resources: ['secrets'], verbs: ['get', 'list', 'watch'] }]);
    expect(clusterRules().some(({ resources }) => resources.includes('secrets'))).toBe(false);
    const events = extraRole('events', 'x', [findKind('Event') as Kind]);
    expect(rulesIn(events).flatMap(({ resources }) => resources)).toEqual(['events']);
  });
});

test('rules name each group once, in order', () => {
  const groups = rulesOf(kinds.filter(isCustom)).flatMap(({ apiGroups }) => apiGroups);
  expect(groups).toEqual([...new Set(groups)].toSorted());
  expect(groups).toContain('gateway.networking.k8s.io');
});

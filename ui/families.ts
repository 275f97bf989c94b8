// Families of relations: what can be switched on and off, and their line styles. Unlisted types are `other`.

export const families = ['traffic', 'ownership', 'use', 'control', 'policy', 'identity', 'placement', 'other'] as const;
export type Family = (typeof families)[number];

/** Shown by default: others appear for the focused card. */
export const usualFamilies: readonly Family[] = ['traffic', 'ownership', 'use'];

export const familyWords: { readonly [family in Family]: string } = {
  traffic: 'routes, load balancing, hosts',
  ownership: 'owners and controllers',
  use: 'configuration, secrets, storage',
  control: 'scaling, scraping, quotas',
  policy: 'network policies, budgets',
  identity: 'accounts, roles, grants',
  placement: 'containment, nodes, images',
  other: 'everything else',
};

/** Families that influence positions: accounts and nodes are connected with everything and would pull all cards together. */
export const placingFamilies: readonly Family[] = ['traffic', 'ownership', 'use', 'control', 'policy'];

const members: { readonly [family in Exclude<Family, 'other'>]: string } = {
  traffic: 'routesTo loadBalances serves exposedAt resolvesTo calls connectsTo attachedTo exports',
  ownership: 'owns monitors deploysTo',
  use: 'uses mounts boundTo provisionedBy attaches issues requestedBy reservedFor dependsOn configures',
  control: 'scales scrapes limits measures heldBy',
  policy: 'restricts protects guards allowsFrom allowsTo restrictedTo',
  identity: 'runsAs grants grantsTo aggregates assumes belongsTo',
  placement: 'contains runs createdFrom stores nominatedFor',
};

const byType = new Map<string, Family>(
  families.flatMap((family) =>
    family === 'other' ? [] : members[family].split(' ').map((type) => [type, family] as const),
  ),
);

export function familyOf(relation: string): Family {
  return byType.get(relation) ?? 'other';
}

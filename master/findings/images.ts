// Images with mutable names or from unknown registries.

import { getOrMake } from '../../src/get-or-make.ts';
import { imageDigest } from '../../src/ids.ts';
import { every, type Steps } from '../../src/steps.ts';
import type { Edge, Vertex } from '../graph/model/vertex.ts';
import type { FindingView, Found, GraphFindingRule, ResourceFindingRule } from './finding-rule.ts';
import { containersOf, isWorkload, podFieldsOf, workloadTypes } from './pod-fields.ts';
import { called, listed } from './reading.ts';

export const tagMoved = {
  name: 'tag-moved',
  group: 'delivery',
  class: 'risk',
  severity: 'medium',
  sentence:
    'Containers run two different images, by digest, under one name and tag: the tag moved between their starts. Nodes of different architectures are compared separately.',
  remedy: 'Pin the digest, or use a tag that does not move.',
  link: 'https://kubernetes.io/docs/concepts/containers/images/#image-pull-policy',
  reads: ['Pod'],
  *over(view) {
    const byTag = new Map<string, Map<string, { readonly container: Vertex; readonly edge: Edge }>>();
    for (const container of yield* ofMovedNames(view)) {
      const one = runningOf(container, view);
      if (!one) continue;
      const digests = getOrMake(byTag, one.tag, () => new Map());
      if (!digests.has(one.digest)) digests.set(one.digest, { container, edge: one.edge });
      yield;
    }
    return [...byTag].flatMap(([tag, digests]): Found[] => {
      const [first, ...others] = [...digests.values()].sort((a, b) => (a.container.id < b.container.id ? -1 : 1));
      if (!first || others.length === 0) return [];
      const [, name = tag] = tag.split(' ');
      return [
        {
          on: first.edge.target,
          key: tag,
          field: 'spec.image',
          path: [first.edge, ...others.map(({ edge }) => edge)].slice(0, 4),
          affected: [first, ...others].map(({ container }) => container),
          sentence: `${name} stands for ${digests.size} different images: ${listed([first, ...others].map(({ container }) => container.id.replace('Container:', '')))} run different digests`,
        },
      ];
    });
  },
} as const satisfies GraphFindingRule;

/** Running containers with a name for which there are several digests, on Nodes of any architecture. */
function* ofMovedNames(view: FindingView): Steps<readonly Vertex[]> {
  const byName = new Map<string, { digest: string; readonly containers: Vertex[]; moved: boolean }>();
  const pause = every(64);
  for (const container of view.members('Container')) {
    if (pause()) yield;
    const one = imageOf(container, view);
    if (!one) continue;
    const of = getOrMake(byName, one.image, () => ({ digest: one.digest, containers: [], moved: false }));
    of.containers.push(container);
    of.moved ||= of.digest !== one.digest;
  }
  return [...byName.values()].flatMap(({ containers, moved }) => (moved ? containers : []));
}

/** Undefined unless it runs, with a name that is no digest. */
function imageOf(container: Vertex, view: FindingView) {
  if (!view.mentions(container, '"state":{"running":{')) return undefined;
  // The first is that of the spec, which a container cannot run without.
  const image = view.stringIn(container, 'image');
  const digest = imageDigest(view.stringIn(container, 'imageID') ?? '');
  return !image || image.includes('@') || digest === undefined ? undefined : { image, digest };
}

function runningOf(container: Vertex, view: FindingView) {
  const one = imageOf(container, view);
  const [edge] = one ? view.out(container, 'createdFrom').filter(({ target }) => target.type === 'Image') : [];
  return edge && one && { tag: `${architectureOf(container, view)} ${one.image}`, digest: one.digest, edge };
}

function architectureOf(container: Vertex, view: FindingView): string {
  for (const { source: pod } of view.into(container, 'contains'))
    for (const { source: node } of view.into(pod, 'runs')) return node.labels?.['kubernetes.io/arch'] ?? '';
  return '';
}

export const imageMutable = {
  name: 'image-mutable',
  group: 'delivery',
  class: 'advice',
  severity: 'info',
  sentence: 'A container uses an image with the tag latest or no tag, and no digest.',
  remedy: 'Use a version tag and a digest.',
  link: 'https://kubernetes.io/docs/concepts/containers/images/#image-names',
  types: workloadTypes,
  reads: [],
  of(workload, view) {
    const fields = isWorkload(workload, view) ? podFieldsOf(workload, view) : undefined;
    const bad = fields
      ? containersOf(fields).filter(({ fields: { image } }) => typeof image === 'string' && isMutable(image))
      : [];
    const [first] = bad;
    if (!first) return undefined;
    return {
      on: view.rootOf(workload),
      field: `${first.path}.image`,
      sentence: `${called(workload)} runs ${listed(bad.map(({ fields: { image } }) => String(image)))}: which image that is depends on when it was pulled`,
    };
  },
} as const satisfies ResourceFindingRule;

function isMutable(image: string): boolean {
  if (image === '' || image.includes('@')) return false;
  const tag = /:([^:/]+)$/.exec(image)?.[1];
  return tag === undefined || tag === 'latest';
}

/** Needs a list in the settings. */
export function registryUnknown(allowed: readonly string[]): ResourceFindingRule {
  return {
    name: 'registry-unknown',
    group: 'delivery',
    class: 'advice',
    severity: 'info',
    sentence:
      'A container uses an image from a registry that the settings do not list. Without a list nothing is reported.',
    remedy: 'Pull it from an allowed registry.',
    link: 'https://kubernetes.io/docs/concepts/containers/images/#using-a-private-registry',
    types: workloadTypes,
    reads: [],
    of(workload, view) {
      if (allowed.length === 0) return undefined;
      const fields = isWorkload(workload, view) ? podFieldsOf(workload, view) : undefined;
      const bad = (fields ? containersOf(fields) : []).filter(
        ({ fields: { image } }) => typeof image === 'string' && !isAllowed(image, allowed),
      );
      const [first] = bad;
      if (!first) return undefined;
      return {
        on: view.rootOf(workload),
        field: `${first.path}.image`,
        sentence: `${called(workload)} runs ${listed(bad.map(({ fields: { image } }) => String(image)))}, of a registry that is not listed`,
      };
    },
  };
}

export const registryUnknownByDefault = registryUnknown([]);

/** A name without a registry is Docker Hub's. */
function isAllowed(image: string, allowed: readonly string[]): boolean {
  const [first = '', ...rest] = image.split('/');
  const hasRegistry = rest.length > 0 && (first.includes('.') || first.includes(':') || first === 'localhost');
  const whole = hasRegistry ? image : `docker.io/${rest.length > 0 ? image : `library/${image}`}`;
  return allowed.some((prefix) => whole === prefix || whole.startsWith(prefix.endsWith('/') ? prefix : `${prefix}/`));
}

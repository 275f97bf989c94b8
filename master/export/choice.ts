// Which types of what the API server serves are exported, and of which namespaces. Types are written `group/resource`; `core` is
// the group that has no name. Without a group a name means those that the API server builds in, never a custom resource: the
// `pods` of a metrics API are not Pods.
import { badSetting } from '../../src/errors.ts';
import { typeOf } from '../../src/ids.ts';
import { customKind } from '../kinds/custom.ts';
import { kinds as registry } from '../kinds/index.ts';
import type { Kind } from '../kinds/kind.ts';
import type { GroupFailure, Served, ServedResource } from '../sources/kubernetes/discover.ts';

export interface Choice {
  type(group: string, resource: string): boolean;
  /** Whether a type of this group might be chosen. */
  group(group: string): boolean;
  /** What is in no namespace is always chosen. */
  namespace(name: string | undefined): boolean;
  /** False where every namespace is chosen. */
  readonly narrowsNamespaces: boolean;
}

/** One type that is exported, in the version that it is read in. */
export interface Chosen {
  readonly kind: Kind;
  readonly version: string;
  /** As it is chosen by: `apps/deployments`, `core/pods`. */
  readonly name: string;
  readonly watchable: boolean;
}

/** Not sent unless they are asked for: values, heartbeats, measurements, and what no list has. */
const omitted = [
  'core/secrets',
  'core/events',
  'events.k8s.io/events',
  'core/componentstatuses',
  'core/bindings',
  'coordination.k8s.io/leases',
  'coordination.k8s.io/leasecandidates',
  'metrics.k8s.io/*',
  'custom.metrics.k8s.io/*',
  'external.metrics.k8s.io/*',
];

interface Line {
  readonly adds: boolean;
  readonly group: RegExp | undefined;
  readonly resource: RegExp;
}

/** @throws Fault `bad_setting` for what is no type. */
export function createChoice(types: readonly string[], scope: readonly string[]): Choice {
  const replaces = types.some((text) => !/^[+-]/.test(text));
  const usual = replaces ? [] : ['*/*', ...omitted.map((name) => `-${name}`)];
  const lines = [...usual, ...types].map(lineOf);
  const names = scope.map((text) => ({ adds: !text.startsWith('-'), name: globOf(text.replace(/^[+-]/, '')) }));
  return {
    type(group, resource) {
      const last = lines.findLast((line) => isOf(line, group) && line.resource.test(resource));
      return last?.adds === true;
    },
    group: (group) => {
      // What leaves out only some resources of a group leaves others of it.
      const last = lines.findLast((line) => isOf(line, group) && (line.adds || line.resource.test('any')));
      return last?.adds === true;
    },
    namespace(name) {
      if (name === undefined || name === '' || names.length === 0) return true;
      const last = names.findLast((line) => line.name.test(name));
      return last === undefined ? !names.some(({ adds }) => adds) : last.adds;
    },
    narrowsNamespaces: names.length > 0,
  };
}

function lineOf(text: string): Line {
  const [, sign = '', group, resource = ''] = /^([+-]?)(?:([a-z0-9.*-]*)\/)?([a-z0-9*][a-z0-9*.-]*)$/.exec(text) ?? [];
  if (resource === '')
    throw badSetting(
      'CLUSTER_INSIGHT_EXPORT_TYPES',
      `has ${JSON.stringify(text)}, which is not a type: write group/resource, such as apps/deployments or core/pods`,
    );
  const named = group === 'core' ? '' : group;
  return { adds: sign !== '-', group: named === undefined ? undefined : globOf(named), resource: globOf(resource) };
}

function globOf(text: string): RegExp {
  return new RegExp(
    `^${text
      .split('*')
      .map((part) => RegExp.escape(part))
      .join('.*')}$`,
  );
}

function isOf(line: Line, group: string): boolean {
  return line.group === undefined ? isBuiltIn(group) : line.group.test(group);
}

function isBuiltIn(group: string): boolean {
  return !group.includes('.') || (group.endsWith('.k8s.io') && !/(^|\.)metrics\.k8s\.io$/.test(group));
}

export interface Plan {
  readonly chosen: readonly Chosen[];
  /** Groups of which something is chosen, and that did not say what they serve. */
  readonly unknown: readonly GroupFailure[];
}

const known = new Map(registry.map((kind) => [`${kind.group}/${kind.plural}`, kind]));

/** Types in the order of their names, each once, in the version that is understood or preferred. */
export function planOf(served: Served, choice: Choice): Plan {
  const byName = Map.groupBy(served.resources, ({ group, plural }) => `${group}/${plural}`);
  const chosen = [...byName.values()].flatMap((versions) => chosenOf(versions, choice));
  return {
    chosen: chosen.toSorted((a, b) => (a.name < b.name ? -1 : 1)),
    unknown: served.failures.filter(({ group }) => choice.group(group)),
  };
}

function chosenOf(versions: readonly ServedResource[], choice: Choice): Chosen[] {
  const listable = versions.filter(({ verbs }) => verbs.includes('list'));
  const [first] = listable;
  if (first === undefined || !choice.type(first.group, first.plural)) return [];
  const kind = known.get(`${first.group}/${first.plural}`);
  const wanted = kind?.versions.map((version) => listable.find((one) => one.version === version)).find(Boolean);
  const best = wanted ?? listable.find(({ preferred }) => preferred) ?? first;
  return [
    {
      kind: kind ?? customKind(best),
      version: best.version,
      name: nameOf(best),
      watchable: best.verbs.includes('watch'),
    },
  ];
}

export function nameOf({ group, plural }: { readonly group: string; readonly plural: string }): string {
  return `${group === '' ? 'core' : group}/${plural}`;
}

/** The types of the graph that `chosen` are, by the names that a graph gives them. */
export function graphTypes(chosen: readonly Chosen[]): ReadonlyMap<string, Chosen> {
  return new Map(chosen.map((one) => [typeOf(one.kind.group, one.kind.kind), one]));
}

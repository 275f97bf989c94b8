// Labels that programs set on their own Pods while they run, such as who leads: a selector may need one that no template has.
import { podControllerTypes } from '../../src/pod-spec.ts';
import type { Vertex } from '../graph/model/vertex.ts';
import type { FindingView } from './finding-rule.ts';
import { templateLabelsIn } from './pod-fields.ts';

type Labels = { readonly [name: string]: unknown };

export interface RunTimeLabels {
  readonly names: readonly string[];
  /** Whether a Pod has one of them, with another value. */
  readonly seen: boolean;
}

/**
 * The labels that a selector of Pods needs beyond those of a template that has all others; undefined if no template is that near,
 * or the Pods of such a template run without them: then nobody sets them.
 */
export function runTimeLabelsOf(selector: Labels, namespace: string, view: FindingView): RunTimeLabels | undefined {
  const names = lackedByTemplates(selector, namespace, view);
  if (names === undefined) return undefined;
  const pods = [...view.members('Pod', namespace)].filter(({ labels = {} }) => isNear(selector, labels, names));
  const seen = pods.some(({ labels = {} }) => names.some((name) => labels[name] !== undefined));
  return pods.length > 0 && !seen ? undefined : { names, seen };
}

/** Of the nearest template. */
function lackedByTemplates(selector: Labels, namespace: string, view: FindingView): readonly string[] | undefined {
  let nearest: readonly string[] | undefined;
  for (const workload of podControllerTypes.flatMap((type) => [...view.members(type, namespace)])) {
    const lacked = lackedBy(selector, workload, view);
    if (lacked && lacked.length < (nearest?.length ?? Object.keys(selector).length)) nearest = lacked;
  }
  return nearest;
}

function lackedBy(selector: Labels, workload: Vertex, view: FindingView): readonly string[] | undefined {
  const labels = templateLabelsIn(workload, view);
  const lacked = Object.keys(selector).filter((name) => labels?.[name] === undefined);
  return labels && isNear(selector, labels, lacked) ? lacked : undefined;
}

function isNear(selector: Labels, labels: Labels, without: readonly string[]): boolean {
  return Object.entries(selector).every(([name, value]) => without.includes(name) || labels[name] === value);
}

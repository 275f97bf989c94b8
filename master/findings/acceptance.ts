// Accepted findings: who accepts one and why, by an annotation on the object, its template or its Namespace, or by a rule
// of the settings. Accepted findings are still counted and marked.
import { fieldsOf } from '../../src/fields.ts';
import { acceptField } from '../graph/model/fields.ts';
import type { Vertex } from '../graph/model/vertex.ts';
import type { Acceptance } from './contract.ts';
import type { Choice, FindingView } from './finding-rule.ts';

/** One entry of the annotation. */
export interface AcceptedName {
  /** Name of a finding, or `*` for all. */
  readonly finding: string;
  readonly reason: string;
}

/** A rule of the settings. */
export interface AcceptanceRule {
  /** Its origin for display: `accept[2] of findings.yaml`. */
  readonly by: string;
  readonly reason: string;
  /** Expiry in milliseconds since the epoch. */
  readonly until: number | undefined;
  /** As written. */
  readonly names: string;
  readonly finding: (name: string) => boolean;
  /** Whether it applies to the resource. */
  readonly matches: (resource: Pick<Vertex, 'type' | 'namespace' | 'name' | 'labels'>) => boolean;
}

/** `a=why; b`: entries are separated by semicolons or line ends. `*` for all requires a reason. */
export function acceptedNames(annotation: string | undefined): AcceptedName[] {
  return (annotation ?? '').split(/[;\n]/).flatMap((entry) => {
    const at = entry.indexOf('=');
    const finding = (at < 0 ? entry : entry.slice(0, at)).trim();
    const reason = at < 0 ? '' : entry.slice(at + 1).trim();
    return finding === '' || (finding === '*' && reason === '') ? [] : [{ finding, reason }];
  });
}

/** Paths to the annotations of an object's Pod template. */
const templates = [
  ['spec', 'template', 'metadata', 'annotations'],
  ['spec', 'jobTemplate', 'spec', 'template', 'metadata', 'annotations'],
] as const;
const annotationName = 'cluster-insight.io/accept';

export interface Accepting {
  readonly names: readonly string[];
  /** The resource it was found from, and the one it is attached to. */
  readonly subject: Vertex | undefined;
  readonly on: Vertex;
  /** Whether an annotation may accept it. */
  readonly byAnnotation: boolean;
}

/** The nearest annotation wins, then the first rule. */
export function acceptanceOf(
  { names, subject, on, byAnnotation }: Accepting,
  rules: readonly AcceptanceRule[],
  view: FindingView,
): Acceptance | undefined {
  const said = byAnnotation ? annotated(names, subject, on, view) : undefined;
  if (said) return said;
  for (const { by, reason, until, finding, matches } of rules) {
    if (!names.some(finding) || !(matches(on) || (subject && matches(subject)))) continue;
    if (until === undefined || !view.isPast(new Date(until).toISOString(), 0)) return { reason, by };
  }
  return undefined;
}

function annotated(
  names: readonly string[],
  subject: Vertex | undefined,
  on: Vertex,
  view: FindingView,
): Acceptance | undefined {
  const places = subject && subject !== on ? [subject, on] : [on];
  for (const place of places) {
    const own = reasonIn(view.look(place).fields[acceptField], names);
    if (own !== undefined) return { reason: own, by: `annotation of ${place.id}` };
    const ofTemplate = reasonIn(templateAnnotation(place, view), names);
    if (ofTemplate !== undefined) return { reason: ofTemplate, by: `annotation of the template of ${place.id}` };
  }
  const ofNamespace = on.namespace ? view.saidOf(acceptingNamespaces, `Namespace:${on.namespace}`) : undefined;
  const inherited = reasonIn(ofNamespace, names);
  return inherited === undefined ? undefined : { reason: inherited, by: `annotation of Namespace:${on.namespace}` };
}

const acceptingNamespaces: Choice = {
  name: 'accepting-namespaces',
  types: ['Namespace'],
  ofFindings: true,
  of: ({ fields }) => fields[acceptField],
};

function reasonIn(annotation: string | undefined, names: readonly string[]): string | undefined {
  if (annotation === undefined) return undefined;
  const named = acceptedNames(annotation);
  const found = named.find(({ finding }) => names.includes(finding)) ?? named.find(({ finding }) => finding === '*');
  return found?.reason;
}

function templateAnnotation(vertex: Vertex, view: FindingView): string | undefined {
  if (!vertex.present || !view.mentions(vertex, annotationName)) return undefined;
  for (const path of templates) {
    let at: unknown = view.object(vertex);
    for (const step of path) at = fieldsOf(at)?.[step];
    const value = fieldsOf(at)?.[annotationName];
    if (typeof value === 'string') return value;
  }
  return undefined;
}

// Data of a resource besides its text, stored as JSON with it: what selectors match and, if some callers have restricted
// rights, its references, so that their view can be rebuilt.
import type { Application, ApplicationMark } from '../applications/application.ts';
import type { SourcedReference } from '../graph/contract.ts';
import type { Standing } from '../graph/engine/json.ts';
import type { AnnotationValue } from '../graph/model/annotation.ts';
import type { Fields } from '../graph/model/fields.ts';
import type { Labels, Vertex } from '../graph/model/vertex.ts';
import { itemOf } from '../graph/replication/item-of-vertex.ts';
import type { Health } from '../health/health.ts';
import type { Reference } from '../relations/relation.ts';

export interface Extra {
  readonly name: string;
  readonly label: string;
  readonly there: boolean;
  /** For absent resources. */
  readonly standing?: Standing;
  readonly uid?: string;
  readonly alternateLabel?: string;
  readonly labels?: Labels;
  readonly controlled?: true;
  readonly fields?: Fields;
  readonly annotations?: readonly (readonly [name: string, value: AnnotationValue])[];
  readonly health?: Health;
  readonly application?: Application;
  readonly ownHealth?: Health;
  readonly mark?: ApplicationMark;
  readonly references?: readonly (readonly [rule: string, reference: Reference])[];
  /** Start and end of the properties in the text, in bytes. */
  readonly properties: readonly [from: number, to: number];
}

interface Known {
  readonly standing: Standing;
  readonly from: number;
  readonly to: number;
}

/** `references`: whether its references are stored. JSON omits undefined values. */
export function extraOf(vertex: Vertex, { standing, from, to }: Known, references: boolean): string {
  const { name, label, present, uid, alternateLabel, labels, controlled, fields, annotations } = vertex;
  const { health, application, ownHealth, mark } = vertex;
  return JSON.stringify({
    name,
    label,
    there: present,
    standing: standing || undefined,
    uid: uid || undefined,
    alternateLabel: alternateLabel || undefined,
    labels,
    controlled: controlled || undefined,
    fields: hasAny(fields) ? fields : undefined,
    annotations: annotations?.size ? [...annotations].map(([key, { data }]) => [key, data]) : undefined,
    health,
    application,
    ownHealth,
    mark,
    references: references && vertex.claims.length > 0 ? referencesOf(vertex) : undefined,
    properties: [from, to],
  });
}

export function parseExtra(text: string): Extra {
  return JSON.parse(text) as Extra;
}

function hasAny(fields: Fields): boolean {
  for (const _ in fields) return true;
  return false;
}

const noProperties = { propertiesOf: () => '' };

function referencesOf(vertex: Vertex): readonly (readonly [string, Reference])[] {
  return itemOf(noProperties, vertex).references.map(({ rule, reference }: SourcedReference) => [rule.name, reference]);
}

// One rule's result from one resource, without graph objects: a finding is merged from one or more drafts.
import { hash } from 'node:crypto';
import { textOrder } from '../../../src/text-order.ts';
import type { Edge } from '../../graph/model/vertex.ts';
import {
  type Acceptance,
  type FindingClass,
  type FindingSeverity,
  findingSeverities,
  type ProofStep,
} from '../contract.ts';
import type { FindingRule, Found } from '../finding-rule.ts';

export interface Draft {
  /** The finding's fingerprint. */
  readonly id: string;
  readonly rule: FindingRule;
  /** The resource it was found from. */
  readonly subject: string;
  /** The resource of the finding: id, type and namespace. */
  readonly resource: string;
  readonly type: string;
  readonly namespace: string;
  readonly key: string;
  readonly class: FindingClass;
  readonly severity: FindingSeverity;
  readonly sentence: string;
  readonly remedy: string;
  readonly field: string | undefined;
  readonly path: readonly ProofStep[];
  /** Ids of affected resources. */
  readonly affected: readonly string[];
  /** Normalised timestamp. */
  readonly since: string | undefined;
  readonly possibly: boolean;
  readonly accepted: Acceptance | undefined;
  readonly asOf: string | undefined;
}

const noSteps: readonly ProofStep[] = [];
const noIds: readonly string[] = [];
/** Maximum steps of a proof; longer ones are cut. */
const mostSteps = 16;

export interface DraftMoment {
  readonly accepted: Acceptance | undefined;
  readonly fieldOf: (edge: Edge) => string;
  readonly asOf?: string;
}

export function draftOf(rule: FindingRule, subject: string, found: Found, moment: DraftMoment): Draft {
  const { on, key = '', field, path = [], affected = [] } = found;
  const steps = path.length > 0 ? path.slice(0, mostSteps).map((edge) => stepOf(edge, moment.fieldOf)) : noSteps;
  const said = field ?? steps[0]?.field;
  return {
    id: fingerprintOf(rule.name, on.id, said, key),
    rule,
    subject,
    resource: on.id,
    type: on.type,
    namespace: on.namespace,
    key,
    class: found.class ?? rule.class,
    severity: found.severity ?? rule.severity,
    sentence: flat(found.sentence),
    remedy: found.remedy ?? rule.remedy,
    field: said,
    path: steps,
    affected: affected.length > 0 ? affected.map(({ id }) => id) : noIds,
    since: timestampIn(found.since),
    possibly: found.possibly === true,
    accepted: moment.accepted,
    asOf: moment.asOf,
  };
}

/** In one piece: a text that was put together keeps its parts, which take three times as much, until it is read. */
function flat(text: string): string {
  text.charCodeAt(0);
  return text;
}

function stepOf(edge: Edge, fieldOf: (edge: Edge) => string): ProofStep {
  const field = fieldOf(edge);
  return { from: edge.source.id, to: edge.target.id, type: edge.type, ...(field ? { field } : {}) };
}

/** 16 characters: stable when the trouble moves within a list. */
export function fingerprintOf(name: string, resource: string, field: string | undefined, key: string): string {
  const bare = (field ?? '').replace(/\[\d+\]/g, '[]');
  return hash('sha1', [name, resource, bare, key].join('\n'), 'base64url').slice(0, 16);
}

/** Undefined if it is no timestamp. */
function timestampIn(value: unknown): string | undefined {
  if (value === undefined) return undefined;
  const ms = typeof value === 'string' ? Date.parse(value) : Number.NaN;
  return Number.isNaN(ms) ? undefined : new Date(ms).toISOString();
}

/** Worst first. */
export function severityOrder(a: FindingSeverity, b: FindingSeverity): number {
  return findingSeverities.indexOf(a) - findingSeverities.indexOf(b);
}

/** The draft that provides the words: worst severity, then first resource. */
export function leadingOrder(a: Draft, b: Draft): number {
  return severityOrder(a.severity, b.severity) || textOrder(a.subject, b.subject);
}

// The contract of a rule for findings: a pure function of one resource and what it looks at from there. The view records
// what it looked at and asks again after changes, so rules declare no dependencies.
import type { Steps } from '../../src/steps.ts';
import type { Edge, Vertex } from '../graph/model/vertex.ts';
import type { Facets } from '../graph/revisions/changes.ts';
import type { FindingClass, FindingSeverity } from './contract.ts';

/** The chapters of the table of findings. */
export const findingGroups = [
  'traffic',
  'configuration',
  'workloads',
  'scaling',
  'access',
  'policies',
  'nodes',
  'lifecycle',
  'delivery',
  'own',
] as const;
export type FindingGroup = (typeof findingGroups)[number];

interface RuleWords {
  /** kebab-case, unique, never changed: it is an interface. */
  readonly name: string;
  /** Former names. */
  readonly aliases?: readonly string[];
  readonly group: FindingGroup;
  readonly class: FindingClass;
  /** Default severity. */
  readonly severity: FindingSeverity;
  /** A sentence: when it is found, and when not. */
  readonly sentence: string;
  /** A sentence: what to do. */
  readonly remedy: string;
  /** An explaining page. */
  readonly link: string;
  /** Kinds whose absent objects prove it: undecided while one of them is incomplete. */
  readonly reads: readonly string[];
  /** What it finds stays true if one of `reads` is left out: objects of that kind could only add findings. */
  readonly onlyAdds?: true;
  /** Distance from the cause: a finding on the proof of another and nearer to the cause explains it. */
  readonly tier?: FindingTier;
  /** It depends on earlier observations: useless for past moments and files. */
  readonly remembers?: true;
}

/** From causes to symptoms. */
export const findingTiers = [
  'nodes',
  'storage',
  'references',
  'containers',
  'workloads',
  'services',
  'routes',
  'hosts',
] as const;
export type FindingTier = (typeof findingTiers)[number];

/** A rule that runs on each resource of some types after it or what it looked at changes. */
export interface ResourceFindingRule extends RuleWords {
  /** Types it runs on; `*` for all, `*.*` for all custom ones. */
  readonly types: readonly string[];
  /** Must take bounded time. May throw on a malformed object: nothing is found then, and the failure is counted. */
  of(vertex: Vertex, view: FindingView): Found | readonly Found[] | undefined;
}

/** A rule on the whole graph: runs at most once a minute, in turns, and tells the time. */
export interface GraphFindingRule extends RuleWords {
  over(view: FindingView): Steps<readonly Found[]>;
}

export type FindingRule = ResourceFindingRule | GraphFindingRule;

/** The result of a rule. */
export interface Found {
  /** The resource of the finding: the one to edit. */
  readonly on: Vertex;
  readonly sentence: string;
  readonly severity?: FindingSeverity;
  readonly class?: FindingClass;
  readonly remedy?: string;
  readonly field?: string | undefined;
  /** Distinguishes findings of one name and field on a resource, such as the id of the missing one. */
  readonly key?: string;
  readonly path?: readonly Proof[];
  /** Affected resources; a finding from several resources unites them. */
  readonly affected?: readonly Vertex[];
  /** RFC 3339 from the object. Invalid values are ignored. */
  readonly since?: unknown;
  readonly possibly?: boolean;
}

/** A relation of the graph. */
export type Proof = Edge;

/** A subset of the resources of some types, kept up to date: rules need not scan all resources of a type. */
export interface Choice {
  /** Unique among all choices. */
  readonly name: string;
  /** `*` for all types. */
  readonly types: readonly string[];
  /** Asked only about what was found: a change of it concerns all resources with findings, and nothing is noted for each. */
  readonly ofFindings?: true;
  /** A text about the resource, from the resource alone; undefined if it is not in the subset. */
  of(vertex: Vertex): string | undefined;
}

/** Unchecked fields of an object. */
export type ObjectFields = { readonly [name: string]: unknown };

export interface FindingView {
  /** Milliseconds since the epoch. */
  readonly now: number;
  /** By id, also if absent or only named: the rule runs again when that changes. */
  get(id: string): Vertex | undefined;
  /** Records a look at another resource: call it before reading its fields. Returns it. */
  look<V extends Vertex | undefined>(vertex: V): V;
  /** Records a look at its labels, fields, health and annotations alone: the rule does not run again where only its text changes. */
  facets(vertex: Vertex): Facets;
  /** The whole stored object; records the look. Empty if there is none. */
  object(vertex: Vertex): ObjectFields;
  /** Its spec, for rules that need nothing else of thousands of objects: does not parse the status. */
  specAlone(vertex: Vertex): ObjectFields;
  /** Whether the stored object contains the text: much cheaper than parsing. */
  mentions(vertex: Vertex, text: string): boolean;
  /** The first string under this name, at any depth of the stored object; undefined if there is none. Does not parse the object. */
  stringIn(vertex: Vertex, name: string): string | undefined;
  /** All strings under this name, at any depth; undefined if one holds anything but letters, digits and `._:/-`. Does not parse. */
  plainStringsIn(vertex: Vertex, name: string): readonly string[] | undefined;
  /** A digest of the first object under this name; empty if there is none. Does not parse the object. */
  digestIn(vertex: Vertex, name: string): string;
  /** Present resources of a type, in a namespace or everywhere: runs again when one comes, goes or changes. */
  members(type: string, namespace?: string): Iterable<Vertex>;
  /** Outgoing relations of the given types, or all; records the look. */
  out(vertex: Vertex, ...types: readonly string[]): readonly Edge[];
  /** Incoming relations. */
  into(vertex: Vertex, ...types: readonly string[]): readonly Edge[];
  /** Whether `test` holds for an incoming relation. Records only the relations examined, which matters at a hub with thousands. */
  anyInto(vertex: Vertex, test: (edge: Edge) => boolean, ...types: readonly string[]): boolean;
  /**
   * Whether a resource of the type exists, in the namespace or anywhere. The rule runs again when the first one comes or the last
   * one goes.
   */
  exists(type: string, namespace?: string): boolean;
  /** The subset, in order of ids. The rule runs again when its members or their texts change. */
  chosen(choice: Choice): Iterable<Vertex>;
  /** The distinct texts of the subset. The rule runs again when there is one more or less. */
  valuesOf(choice: Choice): ReadonlySet<string>;
  /** The text of `choice` about the resource. The rule runs again when it changes. */
  saidOf(choice: Choice, id: string): string | undefined;
  /** Outgoing relations to what does not exist. Cheap where everything does. */
  lacking(vertex: Vertex, ...types: readonly string[]): readonly Edge[];
  /** Whether `test` holds for the target of an outgoing relation of these types. Cheaper than `out`. */
  anyTarget(vertex: Vertex, test: (target: Vertex) => boolean, ...types: readonly string[]): boolean;
  /** Whether `test` holds for the source of an incoming relation of these types. Cheaper than `anyInto`. */
  anySource(vertex: Vertex, test: (source: Vertex) => boolean, ...types: readonly string[]): boolean;
  /** Whether the named resource is known not to exist. */
  isMissing(vertex: Vertex): boolean;
  /** Whether all objects of the kind in the namespace are known. */
  isKnown(type: string, namespace: string): boolean;
  /** Whether the graph is of files, which lack what a cluster makes itself. */
  isOfFiles(): boolean;
  /** Stops the rule while one of the kinds is being listed or out of sync: a temporary state that keeps earlier results. */
  settled(...kinds: readonly string[]): void;
  /** Path of the relation's field; the first in text order among several. */
  fieldOf(edge: Edge): string;
  /** Annotations of the relation: `granted`, a port. */
  annotationsOf(edge: Edge): { readonly [name: string]: unknown };
  /** Flags common to all reasons of the relation, such as `optionalFlag`. */
  flagsOf(edge: Edge): number;
  /** Its topmost workload by `owns` and `monitors`; itself if nothing owns it. */
  rootOf(vertex: Vertex): Vertex;
  /** Whether that many milliseconds have passed since; if not, the rule runs again when they have. */
  isPast(timestamp: unknown, ms: number): boolean;
  /**
   * The same where passing time is the fault itself. Files show an earlier time, and are judged by that: stops the rule as
   * undecided if they do not say whether they were written before or after.
   */
  isOverdue(timestamp: unknown, ms: number): boolean;
  /** Whether it had not passed when the object was seen last, which for files was earlier. Invalid timestamps count as within. */
  wasWithin(timestamp: unknown, ms: number): boolean;
  /** The rule's memory of the resource: created if absent, dropped with the resource. */
  memory<T extends object>(make: () => T): T;
  /** A named memory of another resource, shared by all rules. */
  memoryOf<T extends object>(vertex: Vertex, name: string, make: () => T): T;
  /** Like `memory`, but undefined if there is none yet. */
  remembered<T extends object>(): T | undefined;
  /** Which acceptances are in use. */
  readonly acceptances: AcceptancesSeen;
  /** Stops the rule: it cannot be decided, for this reason. */
  undecided(reason: string): never;
}

export interface AcceptancesSeen {
  /** What the settings accept, as written. */
  readonly rules: readonly { readonly by: string; readonly names: string; readonly until: number | undefined }[];
  /** Whether a finding has this name. */
  readonly isKnown: (name: string) => boolean;
  /** Whether it currently accepts something. */
  readonly isUsed: (by: string, name: string) => boolean;
}

// The contract of a rule that finds something wrong: a pure function of one resource and of what it looks at from there. What
// it looked at is noted by the view, and it is asked again when any of that changes, so a rule never says what it depends on.
import type { Steps } from '../../src/steps.ts';
import type { Edge, Vertex } from '../graph/model/vertex.ts';
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
  /** Names it had before. */
  readonly aliases?: readonly string[];
  readonly group: FindingGroup;
  readonly class: FindingClass;
  /** Unless what was found says another. */
  readonly severity: FindingSeverity;
  /** A sentence: when it is found, and when not. */
  readonly sentence: string;
  /** A sentence: what to do. */
  readonly remedy: string;
  /** A page that explains it. */
  readonly link: string;
  /** Kinds whose absent objects prove it: undecided as long as one of them is not known whole. */
  readonly reads: readonly string[];
  /** How far from the cause it shows: one that lies on the proof of another and is nearer explains it. */
  readonly tier?: FindingTier;
  /** It rests on what it saw before: nothing can be found of a moment, or of files. */
  readonly remembers?: true;
}

/** From causes to what is seen of them. */
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

/** A rule that is asked about each resource of some types, whenever one changes or what it looked at does. */
export interface ResourceFindingRule extends RuleWords {
  /** Types that it is asked about. `*` is every one. */
  readonly types: readonly string[];
  /** Costs a bounded time. May throw on a malformed object: then nothing is found, and the failure is counted. */
  of(vertex: Vertex, view: FindingView): Found | readonly Found[] | undefined;
}

/** A rule about the whole graph: worked out at most once a minute, in turns, and says as of when. */
export interface GraphFindingRule extends RuleWords {
  over(view: FindingView): Steps<readonly Found[]>;
}

export type FindingRule = ResourceFindingRule | GraphFindingRule;

/** What a rule found. */
export interface Found {
  /** The resource that the finding hangs on: the root that one edits. */
  readonly on: Vertex;
  readonly sentence: string;
  readonly severity?: FindingSeverity;
  readonly class?: FindingClass;
  readonly remedy?: string;
  readonly field?: string | undefined;
  /** Tells two findings of one name on one resource apart where the field does not, such as the id of what is missing. */
  readonly key?: string;
  readonly path?: readonly Proof[];
  /** What suffers; the same finding found from several resources counts all of them. */
  readonly affected?: readonly Vertex[];
  /** RFC 3339, of the object's own clock. What is none counts as not given. */
  readonly since?: unknown;
  readonly possibly?: boolean;
}

/** A relation of the graph: the edge itself. */
export type Proof = Edge;

/** Resources of some types that something holds for. They are kept: a rule need not go through all of a type to find them. */
export interface Choice {
  /** Unique among all of them. */
  readonly name: string;
  /** `*` is every one. */
  readonly types: readonly string[];
  /** By nothing but the resource itself; undefined where it is not chosen. */
  of(vertex: Vertex): string | undefined;
}

/** Fields of an object that nobody has checked. */
export type ObjectFields = { readonly [name: string]: unknown };

export interface FindingView {
  /** Milliseconds since the epoch. */
  readonly now: number;
  /** By id, also where it is only named or not there: the rule is asked again when that changes. */
  get(id: string): Vertex | undefined;
  /** Notes that the rule looked at another resource: to be called before its fields are read. Returns it. */
  look<V extends Vertex | undefined>(vertex: V): V;
  /** The whole object as it is kept; noted as looked at. Empty where there is none. */
  object(vertex: Vertex): ObjectFields;
  /** Whether the object as it is kept holds the text: costs a fraction of reading it. */
  mentions(vertex: Vertex, text: string): boolean;
  /** Present ones of a type in a namespace, or all: asked again when one comes or goes, or changes. */
  members(type: string, namespace?: string): Iterable<Vertex>;
  /** Relations from it, of the types given, or all. Noted as looked at. */
  out(vertex: Vertex, ...types: readonly string[]): Iterable<Edge>;
  /** Relations to it. */
  into(vertex: Vertex, ...types: readonly string[]): Iterable<Edge>;
  /** Whether a relation to it is one of those meant: of a thousand that lead to a hub none more is looked at than must be. */
  anyInto(vertex: Vertex, test: (edge: Edge) => boolean, ...types: readonly string[]): boolean;
  /** Whether there is any of a type, in a namespace or at all: asked again when the first comes or the last goes. */
  exists(type: string, namespace?: string): boolean;
  /** Those that are chosen, in the order of ids: asked again when they are others, or something else is said of one. */
  chosen(choice: Choice): Iterable<Vertex>;
  /** What is said of a resource where it is chosen: asked again when that changes. */
  saidOf(choice: Choice, id: string): string | undefined;
  /** Whether something that is named does not exist, and that is known. */
  isMissing(vertex: Vertex): boolean;
  /** Whether all objects of the kind in the namespace are known. */
  isKnown(type: string, namespace: string): boolean;
  /** Stops the rule where one of the kinds is being listed or is out of step: that passes, and what was found stays meanwhile. */
  settled(...kinds: readonly string[]): void;
  /** The path of the field that says the relation; of several the first in the order of texts. */
  fieldOf(edge: Edge): string;
  /** What is said of the relation besides: `granted`, a port. */
  annotationsOf(edge: Edge): { readonly [name: string]: unknown };
  /** Bits of flags that every reason of the relation has, such as `optionalFlag`. */
  flagsOf(edge: Edge): number;
  /** The workload that it belongs to by `owns` and `monitors`, topmost; itself where nothing owns it. */
  rootOf(vertex: Vertex): Vertex;
  /** Whether the time is more than so many milliseconds past; where it is not yet, the rule is asked again when it is. */
  isPast(timestamp: unknown, ms: number): boolean;
  /** What the rule kept of the resource when it was asked before: made where there is none, gone when the resource is. */
  memory<T extends object>(make: () => T): T;
  /** What is kept of another resource under a name, for all rules that ask for it. */
  memoryOf<T extends object>(vertex: Vertex, name: string, make: () => T): T;
  /** The same as `memory`, where something was kept already. */
  remembered<T extends object>(): T | undefined;
  /** What of the acceptances is in use. */
  readonly acceptances: AcceptancesSeen;
  /** Stops the rule: whether it is so cannot be told, for this reason. */
  undecided(reason: string): never;
}

export interface AcceptancesSeen {
  /** Of the settings: what they accept, as it is written. */
  readonly rules: readonly { readonly by: string; readonly names: string; readonly until: number | undefined }[];
  /** Whether a finding is called so. */
  readonly isKnown: (name: string) => boolean;
  /** Whether it accepts something now. */
  readonly isUsed: (by: string, name: string) => boolean;
}

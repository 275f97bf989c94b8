// A watched change, given as a phrase: `removed relation loadBalances in namespace shop`. Omitted parts match everything.
import { type HealthState, healthStates } from '../../../src/health-state.ts';
import { parseWildcards, type Wildcards } from '../../graph/questions/wildcard.ts';
import { typeListOf } from '../../kinds/types-called.ts';
import { parsePath } from '../../relations/declared/path.ts';

export type Change =
  | {
      readonly what: 'relation';
      readonly turn: 'added' | 'removed' | 'last';
      readonly relation: Wildcards;
      readonly from?: Wildcards;
      readonly to?: Wildcards;
    }
  | { readonly what: 'resource'; readonly turn: 'added' | 'removed'; readonly type: Wildcards }
  | { readonly what: 'health'; readonly type: Wildcards; readonly states: ReadonlySet<HealthState> }
  | { readonly what: 'field'; readonly type: Wildcards; readonly field: string }
  | { readonly what: 'path'; readonly to: string; readonly from?: Wildcards };

export interface ParsedChange {
  readonly change: Change;
  readonly namespace?: Wildcards;
}

/** Possible phrases, for error messages. */
export const changePhrases = [
  'removed relation loadBalances from Service to Pod',
  'added relation uses',
  'last relation loadBalances of Service removed',
  'removed Ingress,HTTPRoute',
  'added ClusterRoleBinding',
  'health of Deployment becomes failed',
  'image of Deployment changes',
  'spec.replicas of Deployment changes',
  'new path to cluster-admin from ServiceAccount',
] as const;

/** Short words for long field paths. `object` is everything except status and controllers' fields. */
const fields: { readonly [word: string]: string } = {
  image: 'spec.template.spec.containers[].image',
  replicas: 'spec.replicas',
  data: 'data',
  object: 'object',
};

type Make = (part: (name: string) => string) => Change;

const name = String.raw`[^\s]+`;
const forms: readonly (readonly [form: RegExp, make: Make])[] = [
  [
    form(
      String.raw`(?<turn>added|removed) relation (?<relation>${name})(?: from (?<from>${name}))?(?: to (?<to>${name}))?`,
    ),
    (part) => ({ what: 'relation', turn: part('turn') as 'added', relation: list(part('relation')), ...ends(part) }),
  ],
  [
    form(String.raw`last relation (?<relation>${name}) of (?<from>${name}) removed`),
    (part) => ({ what: 'relation', turn: 'last', relation: list(part('relation')), ...ends(part) }),
  ],
  [
    form(String.raw`(?<turn>added|removed) (?<type>${name})`),
    (part) => ({ what: 'resource', turn: part('turn') as 'added', type: types(part('type')) }),
  ],
  [
    form(String.raw`health of (?<type>${name}) becomes (?<states>${name})`),
    (part) => ({ what: 'health', type: types(part('type')), states: statesOf(part('states')) }),
  ],
  [
    form(String.raw`(?<field>${name}) of (?<type>${name}) changes`),
    (part) => ({ what: 'field', type: types(part('type')), field: fieldOf(part('field')) }),
  ],
  [
    form(String.raw`new path to (?<to>${name})(?: from (?<from>${name}))?`),
    (part) => ({ what: 'path', to: part('to'), ...(part('from') === '' ? {} : { from: types(part('from')) }) }),
  ],
];

/** @throws Error with the possible phrases. */
export function parseChange(text: string): ParsedChange {
  const words = text.trim().replaceAll(/\s+/g, ' ').replaceAll(', ', ',');
  for (const [pattern, make] of forms) {
    const groups = pattern.exec(words)?.groups;
    if (!groups) continue;
    const part = (key: string) => groups[key] ?? '';
    const namespace = part('namespace');
    return { change: make(part), ...(namespace === '' ? {} : { namespace: list(namespace) }) };
  }
  const some = changePhrases.map((phrase) => JSON.stringify(phrase)).join(', ');
  throw new Error(
    `${JSON.stringify(text)} is not a change: write such as ${some}, each with "in namespace shop" or without`,
  );
}

function form(words: string): RegExp {
  return new RegExp(String.raw`^${words}(?: in namespace (?<namespace>${name}))?$`, 'i');
}

function ends(part: (name: string) => string): { readonly from?: Wildcards; readonly to?: Wildcards } {
  return {
    ...(part('from') === '' ? {} : { from: types(part('from')) }),
    ...(part('to') === '' ? {} : { to: types(part('to')) }),
  };
}

function types(text: string): Wildcards {
  return typeListOf(text, 'change');
}

function list(text: string): Wildcards {
  return parseWildcards(text, 'change');
}

function statesOf(text: string): ReadonlySet<HealthState> {
  const states = text.split(',');
  const strange = states.find((state) => !(healthStates as readonly string[]).includes(state));
  if (strange === undefined) return new Set(states as HealthState[]);
  throw new Error(`${JSON.stringify(strange)} is not a state of health: they are ${healthStates.join(', ')}`);
}

function fieldOf(text: string): string {
  const field = fields[text] ?? text;
  if (field !== 'object') parsePath(field);
  return field;
}

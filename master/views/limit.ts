// Rejects a graph above a form's limit and suggests a part that fits.
import { type Fault, fault } from '../../src/errors.ts';
import { every, type Steps } from '../../src/steps.ts';
import type { Outline, Size } from '../graph/questions/selection.ts';
import { namespaceOf } from './parts/namespace.ts';
import type { View, ViewLimit } from './view.ts';

/** Ids or ends examined between two pauses. */
const often = 256;

/** `form_too_large` with the limit and a narrower query, or undefined if the graph fits. */
export function* overLimit({ name, limit }: View, size: Size, outline: () => Outline): Steps<Fault | undefined> {
  if (!limit || fits(size, limit)) return undefined;
  const reason = `the form holds at most ${sizeText(limit)}, and these are ${sizeText(size)}`;
  return fault('form_too_large', { form: name, reason, hint: yield* hintFor(outline, limit) });
}

function fits(size: Size, limit: ViewLimit): boolean {
  return size.resources <= limit.resources && size.relations <= limit.relations;
}

function sizeText({ resources, relations }: ViewLimit): string {
  return `${resources} resources and ${relations} relations`;
}

function* hintFor(outline: () => Outline, limit: ViewLimit): Steps<string> {
  const namespace = yield* largestThatFits(outline(), limit, namespaceOf);
  if (namespace) return `namespace=${namespace} would fit`;
  const type = yield* largestThatFits(outline(), limit, (id) => id.slice(0, id.indexOf(':')));
  if (type) return `type=${type} would fit`;
  return 'root= with depth=1 asks for what is around one resource';
}

/** The largest group that fits; a relation counts if both its ends are in the group. */
function* largestThatFits(
  { ids, ends }: Outline,
  limit: ViewLimit,
  groupOf: (id: string) => string | undefined,
): Steps<string | undefined> {
  const sizes = new Map<string, { resources: number; relations: number }>();
  const count = (group: string | undefined, what: keyof Size) => {
    if (group === undefined) return;
    let size = sizes.get(group);
    if (!size) sizes.set(group, (size = { resources: 0, relations: 0 }));
    size[what]++;
  };
  // The rejected graph may be a whole large cluster: each id is parsed once.
  const groups = new Map<string, string | undefined>();
  const pause = every(often);
  for (const id of ids) {
    const group = groupOf(id);
    groups.set(id, group);
    count(group, 'resources');
    if (pause()) yield;
  }
  for (const both of ends) {
    if (pause()) yield;
    const group = both && groups.get(both.source);
    if (both && group === groups.get(both.target)) count(group, 'relations');
  }
  const fitting = [...sizes].filter(([, size]) => fits(size, limit));
  return fitting.sort(([a, x], [b, y]) => y.resources - x.resources || (a < b ? -1 : 1))[0]?.[0];
}

// A client of `/cluster/watch`: applies the events to a `/cluster` answer, and returns what `/cluster` should answer now, byte
// for byte.

/** Only the first difference, since whole graphs are too long to read; undefined if equal. */
export function differenceOf(actual: string, expected: string): string | undefined {
  if (actual === expected) return undefined;
  let at = 0;
  while (at < actual.length && actual[at] === expected[at]) at++;
  const around = (text: string) => JSON.stringify(text.slice(Math.max(0, at - 120), at + 240));
  return `they differ at ${at}:\n  is        ${around(actual)}\n  should be ${around(expected)}`;
}

export interface Ends {
  readonly type: string;
  readonly source: string;
  readonly target: string;
}

interface Group<Gone> {
  readonly added?: readonly unknown[];
  readonly changed?: readonly unknown[];
  readonly removed?: readonly Gone[];
}

/** The data of a `change` event. */
export interface ChangeEvent {
  readonly revision: number;
  readonly timestamp: string;
  readonly resources?: Group<string>;
  readonly relations?: Group<Ends>;
  readonly completeness?: object;
}

interface GraphAnswer {
  readonly revision: number;
  readonly timestamp: string;
  readonly resources: readonly { readonly id: string; readonly type: string }[];
  readonly relations: readonly Ends[];
  readonly completeness: object;
}

export interface Replica {
  readonly revision: number;
  /** The client's version of `/cluster`. */
  text(): string;
  apply(data: string): void;
}

/** Throws if an event contradicts the client's state: added items must be new, changed and removed ones known. */
export function createReplica(cluster: string): Replica {
  const answer = JSON.parse(cluster) as GraphAnswer;
  let { revision, timestamp, completeness } = answer;
  const resources = new Map(answer.resources.map((each) => [each.id, JSON.stringify(each)]));
  const relations = new Map(answer.relations.map((each) => [keyOf(each), JSON.stringify(each)]));

  function take<T>(into: Map<string, string>, group: Group<T> | undefined, key: (element: never) => string): void {
    for (const gone of group?.removed ?? []) {
      if (!into.delete(key(gone as never))) throw new Error(`removed but not known: ${JSON.stringify(gone)}`);
    }
    for (const each of group?.changed ?? []) {
      if (!into.has(key(each as never))) throw new Error(`changed but not known: ${JSON.stringify(each)}`);
      into.set(key(each as never), JSON.stringify(each));
    }
    for (const each of group?.added ?? []) {
      if (into.has(key(each as never))) throw new Error(`added but known: ${JSON.stringify(each)}`);
      into.set(key(each as never), JSON.stringify(each));
    }
  }

  return {
    get revision() {
      return revision;
    },
    text() {
      const lines = (map: ReadonlyMap<string, string>, order: (a: string, b: string) => number) =>
        [...map].sort(([a], [b]) => order(a, b)).map(([, text]) => text);
      const list = (texts: readonly string[]) => `[\n${texts.join(',\n')}]`;
      return (
        `{"success":true,"timestamp":"${timestamp}","revision":${revision},\n"resources":${list(lines(resources, compare))},\n` +
        `"relations":${list(lines(relations, compareKeys))},\n"completeness":${JSON.stringify(completeness)}}\n`
      );
    },
    apply(data) {
      const event = JSON.parse(data) as ChangeEvent;
      if (event.revision <= revision) throw new Error(`revision ${event.revision} after ${revision}`);
      take(resources, event.resources, (each: string | { id: string }) => (typeof each === 'string' ? each : each.id));
      take(relations, event.relations, keyOf);
      ({ revision, timestamp } = event);
      completeness = event.completeness ?? completeness;
    },
  };
}

function keyOf({ source, type, target }: Ends): string {
  return JSON.stringify([source, type, target]);
}

function compare(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}

function compareKeys(a: string, b: string): number {
  const [left, right] = [JSON.parse(a) as string[], JSON.parse(b) as string[]];
  for (let i = 0; i < left.length; i++) {
    const order = compare(left[i] as string, right[i] as string);
    if (order !== 0) return order;
  }
  return 0;
}

/** A `/cluster` answer narrowed like a watch: relations remain if both ends do. */
export function narrowed(
  cluster: string,
  keeps: {
    resource(resource: { id: string; type: string; namespace: string }): boolean;
    relation(type: string): boolean;
  },
): string {
  const answer = JSON.parse(cluster) as GraphAnswer;
  const kept = new Set(
    answer.resources.filter((each) => keeps.resource({ ...each, namespace: namespaceOf(each) })).map(({ id }) => id),
  );
  const resources = answer.resources.filter(({ id }) => kept.has(id));
  const relations = answer.relations.filter(
    ({ type, source, target }) => keeps.relation(type) && kept.has(source) && kept.has(target),
  );
  const replica = createReplica(JSON.stringify({ ...answer, resources, relations }));
  return replica.text();
}

/** Holds for the types in these tests: ids with a slash contain a namespace. */
function namespaceOf({ id }: { readonly id: string }): string {
  const path = id.slice(id.indexOf(':') + 1);
  return path.includes('/') && !id.startsWith('Image:') ? (path.split('/')[0] as string) : '';
}

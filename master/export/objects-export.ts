// One run that streams objects: lists into the spool, then sends from it. Memory does not depend on the cluster's size.

import { resourceId, typeOf } from '../../src/ids.ts';
import type { KubernetesObject, Timestamp } from '../../src/model.ts';
import type { Client } from '../sources/kubernetes/client.ts';
import type { Choice, Chosen, Plan } from './choice.ts';
import { type Collected, collect } from './collect.ts';
import type { Session } from './destinations/destination.ts';
import { failedTypes, type Manifest, type Oversize, type TypeOutcome } from './manifest.ts';
import { type Item, largestItem, pagesOf } from './pages.ts';
import { argoRelease } from './releases/argo.ts';
import { helmReleases } from './releases/helm.ts';
import type { PageSender } from './send-pages.ts';
import type { Spool } from './spool.ts';
import { entryOf, type TreeEntry } from './trees/entry.ts';
import { treesOf } from './trees/tree.ts';

export interface ObjectsOptions {
  readonly client: Client;
  readonly plan: Plan;
  readonly choice: Choice;
  readonly namespaces: readonly string[];
  readonly protocol: 'ndjson' | 'collector';
  readonly helm: boolean;
  /** Bytes. */
  readonly pageSize: number;
  /** For the protocol `collector`: commits even if incomplete types would look deleted. */
  readonly partial: boolean;
  readonly session: Session;
  readonly spool: Spool;
  readonly sender: PageSender;
  readonly signal: AbortSignal;
}

export type Outcome = Pick<Manifest, 'types' | 'unknown' | 'oversize'>;

/** Bytes for the text around a page's items. */
const frame = 128;

export async function exportObjects(options: ObjectsOptions): Promise<Outcome> {
  const oversize: Oversize[] = [];
  const read = await readAll(options);
  const outcome = { ...read.outcome, oversize };
  if (options.protocol === 'collector' && !options.partial && failedTypes(outcome).length > 0) return outcome;
  const limits = (taken = 0) => ({ page: Math.max(1, options.pageSize - frame - taken), item: largestItem });
  const tooLarge = ({ id, bytes }: Item) => void oversize.push({ id, bytes: bytes.length });
  const paged = (items: AsyncIterable<Item> | Iterable<Item>, taken?: number) =>
    pagesOf(items, limits(taken), tooLarge);
  if (options.protocol === 'collector') await sendCollector(read, options, paged, oversize);
  else await sendLines(read, options, paged);
  return outcome;
}

interface Read {
  readonly collected: readonly Collected[];
  readonly entries: readonly TreeEntry[];
  readonly releases: readonly Item[];
  readonly outcome: Omit<Outcome, 'oversize'>;
}

async function readAll(options: ObjectsOptions): Promise<Read> {
  const { client, plan, choice, namespaces, protocol, session, spool, signal } = options;
  let entries: TreeEntry[] = [];
  let argo: { readonly number: number; readonly item: Item }[] = [];
  const isCollector = protocol === 'collector';
  const collected = await collect({
    client,
    chosen: plan.chosen,
    choice,
    namespaces,
    spool,
    signal,
    textOf: isCollector
      ? (object) => JSON.stringify(object)
      : (object, chosen) => resourceLine(object, chosen, session.started),
    onObject(object, _chosen, number) {
      const entry = isCollector ? entryOf(object, number) : undefined;
      if (entry !== undefined) entries.push(entry);
      const item = argoRelease(object);
      if (item !== undefined) argo.push({ number, item });
    },
    onCut(from) {
      entries = entries.filter(({ number }) => number < from);
      argo = argo.filter(({ number }) => number < from);
    },
  });
  const helm = options.helm ? await helmReleases({ client, choice, signal }) : undefined;
  const types: { [name: string]: TypeOutcome } = Object.fromEntries(
    collected.map(({ chosen, outcome }) => [chosen.name, outcome]),
  );
  if (helm) types['helm.sh/releases'] = helm.outcome;
  const unknown = Object.fromEntries(plan.unknown.map(({ group, version, reason }) => [`${group}/${version}`, reason]));
  return {
    collected,
    entries,
    releases: [...(helm?.releases ?? []), ...argo.map(({ item }) => item)],
    outcome: { types, unknown },
  };
}

type Paged = (items: AsyncIterable<Item> | Iterable<Item>, taken?: number) => AsyncGenerator<readonly Item[]>;

async function sendLines(
  { collected, releases }: Read,
  { spool, sender }: ObjectsOptions,
  paged: Paged,
): Promise<void> {
  async function* items(): AsyncGenerator<Item> {
    for (const one of collected) yield* itemsOf(one, spool, (bytes) => bytes);
    for (const { id, bytes } of releases)
      yield { id, bytes: Buffer.concat([Buffer.from('{"release":'), bytes, Buffer.from('}')]) };
  }
  await sender.send('graph', bodies(paged(items()), joinedLines));
}

async function sendCollector(
  { collected, entries, releases }: Read,
  options: ObjectsOptions,
  paged: Paged,
  oversize: Oversize[],
): Promise<void> {
  const { session, spool, sender, plan } = options;
  const types = JSON.stringify(plan.chosen.map(typeOfApi));
  const head = `{"fetchingId":${JSON.stringify(session.run)},`;
  // Each page repeats the types; without releases there is no page.
  const helm = paged(releases, types.length);
  await sender.send(
    'helm',
    bodies(helm, (page) => framed(`${head}"helmReleases":[`, page, `],"k8sTypes":${types}}`)),
  );
  const trees = treesOf({
    entries,
    lengthOf: (number) => spool.lengthOf(number),
    read: (number) => spool.read(number),
    most: largestItem,
    onOversize: (one) => void oversize.push(one),
  });
  await sender.send(
    'tree',
    bodies(paged(trees), (page) => framed(`${head}"k8sTrees":[`, page, ']}')),
  );
  async function* objects(): AsyncGenerator<Item> {
    for (const one of collected) {
      const before = Buffer.from(`{"kind":${JSON.stringify(one.chosen.kind.kind)},"object":`);
      yield* itemsOf(one, spool, (bytes) => Buffer.concat([before, bytes, Buffer.from('}')]));
    }
  }
  await sender.send(
    'objects',
    bodies(paged(objects()), (page) => framed(`${head}"k8sObjects":[`, page, ']}')),
  );
}

async function* itemsOf(
  { chosen, first, last }: Collected,
  spool: Spool,
  shape: (bytes: Buffer) => Buffer,
): AsyncGenerator<Item> {
  for await (const text of spool.range(first, last)) {
    const bytes = shape(text);
    // Oversized items are only named.
    const id = bytes.length > largestItem ? namedIn(text, chosen) : chosen.name;
    yield { id, bytes };
  }
}

function namedIn(text: Buffer, { kind, name }: Chosen): string {
  const parsed = JSON.parse(text.toString()) as {
    readonly id?: string;
    readonly metadata?: KubernetesObject['metadata'];
  };
  if (parsed.id !== undefined) return parsed.id;
  const { metadata } = parsed;
  return metadata === undefined ? name : resourceId(typeOf(kind.group, kind.kind), metadata.name, metadata.namespace);
}

function typeOfApi({ kind: { kind, group, namespaced }, version }: Chosen) {
  return { kind, apiVersion: group === '' ? version : `${group}/${version}`, namespaced };
}

function resourceLine(object: KubernetesObject, { kind }: Chosen, timestamp: Timestamp): string {
  const type = typeOf(kind.group, kind.kind);
  const { name, namespace } = object.metadata;
  const id = resourceId(type, name, namespace);
  return JSON.stringify({ id, type, timestamp, properties: object, annotations: { label: name } });
}

export async function* bodies(
  pages: AsyncIterable<readonly Item[]>,
  body: (page: readonly Item[]) => Buffer,
): AsyncGenerator<Buffer> {
  for await (const page of pages) yield body(page);
}

const lineEnd = Buffer.from('\n');
const comma = Buffer.from(',');

export function joinedLines(page: readonly Item[]): Buffer {
  return Buffer.concat(page.flatMap(({ bytes }) => [bytes, lineEnd]));
}

function framed(before: string, page: readonly Item[], after: string): Buffer {
  const items = page.flatMap(({ bytes }, n) => (n > 0 ? [comma, bytes] : [bytes]));
  return Buffer.concat([Buffer.from(before), ...items, Buffer.from(after)]);
}

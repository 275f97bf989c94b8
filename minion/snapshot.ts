// The whole node in one answer. It is kept, not made: containers are inspected when they are new, when an event says that
// they changed, or when the list shows another state; images once; only processes are read at each round. The ETag is
// of the content: CPU, memory and time columns of processes are no change of it, which is why it is a weak one.
import { createHash } from 'node:crypto';
import type { Clock } from '../src/clock.ts';
import { mapBounded } from '../src/concurrency.ts';
import {
  type ContainerInspect,
  type ContainerProcesses,
  type ContainerSnapshot,
  type ContainerSummary,
  isSandbox,
  volatileTitles,
} from '../src/engine-api.ts';
import { Fault, fault } from '../src/errors.ts';
import type { Engine } from './engine.ts';
import type { Metrics } from './metrics.ts';
import type { Outgoing } from './outgoing.ts';
import type { ProcessReader } from './proc/processes.ts';
import type { Runtime, RuntimeWatcher } from './runtimes/runtime.ts';

export interface Snapshot extends RuntimeWatcher {
  /** The snapshot as of now. @throws Fault when the runtime cannot be asked. */
  current(): Promise<SnapshotAnswer>;
  /** Events no longer come: from now on lists are compared instead. */
  unwatched(): void;
}

export interface SnapshotAnswer {
  readonly etag: string;
  /** `NodeSnapshot` as JSON, in pieces put together only where it is sent. */
  body(): string;
}

export interface SnapshotOptions {
  readonly engine: Engine;
  readonly outgoing: Outgoing;
  readonly processes: ProcessReader;
  readonly metrics: Metrics;
  readonly clock: Clock;
  readonly node?: string | undefined;
  /** A snapshot younger than this, in milliseconds, is answered again while no event came. */
  readonly freshFor?: number;
}

/** Calls of the runtime at once. */
const atOnce = 4;
/** Even with events, the list is compared this often: an event can be lost. */
const listEvery = 60_000;
/** One container's inspect, after cutting. */
const largestInspect = 262_144;
/** The whole answer. */
const largestBody = 67_108_864;

interface Held {
  /** What the list said when it was inspected. */
  readonly key: string;
  readonly id: string;
  readonly image: string;
  readonly running: boolean;
  readonly pid: number;
  readonly json: string;
  readonly error?: string;
}

interface HeldImage {
  readonly names: string | undefined;
  readonly json: string;
}

interface Listed {
  readonly processes?: ContainerProcesses | undefined;
  readonly error?: string | undefined;
}

export function createSnapshot(options: SnapshotOptions): Snapshot {
  const { engine, outgoing, processes, metrics, clock, node, freshFor = 1000 } = options;
  let containers = new Map<string, Held>();
  let images = new Map<string, HeldImage>();
  const stale = new Set<string>();
  let seen: Runtime | undefined;
  let watched = false;
  let changes = 0;
  let listed = { changes: -1, at: 0 };
  let last: { answer: SnapshotAnswer; at: number; changes: number } | undefined;
  let refreshing: Promise<SnapshotAnswer> | undefined;

  function distrust(): void {
    changes++;
    if (!seen || seen.restartsInPlace) for (const id of containers.keys()) stale.add(id);
  }

  /** Another runtime, or the same one found again: all that is held was said by somebody else. */
  function meet(runtime: Runtime): void {
    if (runtime === seen) return;
    for (const id of containers.keys()) stale.add(id);
    images = new Map();
    seen = runtime;
    changes++;
  }

  async function refresh(): Promise<SnapshotAnswer> {
    const runtime = await engine.call('find', async (found) => found);
    meet(runtime);
    const began = { changes, at: clock() };
    if (!watched || listed.changes !== changes || clock() - listed.at >= listEvery) {
      await compare(runtime);
      listed = began;
    }
    await readImages();
    const tables = await readProcesses();
    const answer = assemble(runtime, tables);
    last = { answer, ...began };
    return answer;
  }

  /** The list against what is held: new, changed and doubtful containers are inspected, the others kept. */
  async function compare(runtime: Runtime): Promise<void> {
    const list = await engine.call('listContainers', (one) => one.listContainers(true));
    const doubtful = !watched && runtime.restartsInPlace;
    const kept = new Map<string, Held>();
    const asked: ContainerSummary[] = [];
    for (const summary of list) {
      if (isSandbox(summary.Labels)) continue;
      const held = containers.get(summary.Id);
      if (held && !doubtful && held.key === keyOf(summary) && !stale.has(held.id)) kept.set(held.id, held);
      else asked.push(summary);
    }
    metrics.cache('hit', kept.size);
    metrics.cache('miss', asked.length);
    for (const held of await mapBounded(asked, atOnce, inspect)) if (held) kept.set(held.id, held);
    for (const id of stale) if (!kept.has(id)) stale.delete(id);
    containers = kept;
  }

  /** Undefined for a container that went away since it was listed. */
  async function inspect(summary: ContainerSummary): Promise<Held | undefined> {
    // Before the call: an event that comes meanwhile makes it stale again.
    stale.delete(summary.Id);
    try {
      return hold(
        summary,
        outgoing.container(await engine.call('inspectContainer', (one) => one.inspectContainer(summary.Id))),
      );
    } catch (error) {
      if (codeOf(error) === 'container_not_found') return undefined;
      stale.add(summary.Id);
      if (codeOf(error) === 'engine_down') throw error;
      return holdSummary(outgoing.summaries([summary])[0] as ContainerSummary, messageOf(error));
    }
  }

  async function readImages(): Promise<void> {
    const names = await namesOfImages();
    const needed = [...new Set([...containers.values()].map(({ image }) => image))].filter((id) => id !== '');
    const kept = new Map<string, HeldImage>();
    const asked: string[] = [];
    for (const id of needed) {
      const held = images.get(id);
      if (held && held.names === names?.get(id)) kept.set(id, held);
      else asked.push(id);
    }
    await mapBounded(asked, atOnce, async (id) => {
      const json = await imageJson(id);
      if (json) kept.set(id, { names: names?.get(id), json });
    });
    images = kept;
  }

  async function namesOfImages(): Promise<ReadonlyMap<string, string> | undefined> {
    if (!seen?.imageNames) return undefined;
    return engine.call('imageNames', async (one) => (await one.imageNames?.()) ?? new Map<string, string>());
  }

  /** Undefined where the image was removed under its container. */
  async function imageJson(id: string): Promise<string | undefined> {
    try {
      return JSON.stringify(outgoing.image(await engine.call('inspectImage', (one) => one.inspectImage(id))));
    } catch (error) {
      if (codeOf(error) === 'engine_down') throw error;
      return undefined;
    }
  }

  async function readProcesses(): Promise<Map<string, Listed>> {
    const running = [...containers.values()].filter((held) => held.running);
    const tables = new Map<string, Listed>();
    const own = await processes.read(new Map(running.map(({ id, pid }) => [id, pid])));
    // Where others are seen, one that is not has just ended.
    const unseen = (id: string) => (own.size === 0 ? fault('processes_unseen', { id }).message : undefined);
    await mapBounded(running, atOnce, async ({ id }) => {
      const table = own.get(id);
      if (table) tables.set(id, bounded(outgoing.processes(table)));
      else tables.set(id, seen?.knowsProcesses ? await askProcesses(id) : { error: unseen(id) });
    });
    return tables;
  }

  /** Where `/proc` does not show them, the runtime may know. */
  async function askProcesses(id: string): Promise<Listed> {
    try {
      return bounded(outgoing.processes(await engine.call('listProcesses', (one) => one.listProcesses(id))));
    } catch (error) {
      const code = codeOf(error);
      if (code === 'engine_down') throw error;
      // It ended between the list and now: the next round says so.
      return code === 'container_not_found' || code === 'container_not_running' ? {} : { error: messageOf(error) };
    }
  }

  function assemble(runtime: Runtime, tables: ReadonlyMap<string, Listed>): SnapshotAnswer {
    const head = `{${node ? `"node":${JSON.stringify(node)},` : ''}"runtime":${JSON.stringify(runtime.identity)}`;
    const all = [...containers.values()].toSorted((a, b) => (a.id < b.id ? -1 : 1));
    const known = [...images].toSorted(([a], [b]) => (a < b ? -1 : 1)).map(([, { json }]) => json);
    const hash = createHash('sha256').update(head);
    for (const held of all) hash.update(held.json).update(stableOf(held, tables.get(held.id)));
    for (const json of known) hash.update(json);
    const parts = all.map((held) => containerJson(held, tables.get(held.id)));
    return {
      etag: `W/"${hash.digest('base64url').slice(0, 27)}"`,
      body: () =>
        withinLimit(`${head},"containers":[${parts.map((part) => part()).join(',')}],"images":[${known.join(',')}]}`),
    };
  }

  return {
    async current() {
      if (last && last.changes === changes && clock() - last.at < freshFor && engine.state() === true)
        return last.answer;
      refreshing ??= refresh().finally(() => {
        refreshing = undefined;
      });
      return refreshing;
    },
    watching() {
      watched = true;
      distrust();
    },
    unwatched() {
      watched = false;
      changes++;
    },
    containerChanged(id) {
      stale.add(id);
      changes++;
    },
    imageChanged(id) {
      // Events name an image by its id or by any of its names: reading the few images again is simpler than guessing.
      if (images.has(id) || !id.startsWith('sha256:')) images.clear();
      changes++;
    },
  };
}

/** What of a list's entry changes when the container does. `Status` ticks (`Up 5 minutes`) and is left out. */
function keyOf({ State, Names, ImageID }: ContainerSummary): string {
  return `${State} ${ImageID} ${Names.join(' ')}`;
}

function hold(summary: ContainerSummary, inspect: ContainerInspect): Held {
  const json = JSON.stringify(inspect);
  if (json.length > largestInspect)
    return holdSummary(summary, `its inspect has ${json.length} characters, more than is kept`);
  const { Image, State } = inspect;
  return { key: keyOf(summary), id: summary.Id, image: Image, running: State.Running, pid: State.Pid ?? 0, json };
}

/** What the list says of a container that cannot be inspected, and why there is no more. */
function holdSummary(summary: ContainerSummary, error: string): Held {
  const inspect: ContainerInspect = {
    Id: summary.Id,
    Name: summary.Names[0] ?? '',
    Image: summary.ImageID,
    State: { Status: summary.State, Running: summary.State === 'running' },
    Config: { Image: summary.Image, Labels: summary.Labels },
  };
  const json = JSON.stringify(inspect);
  const { Running } = inspect.State;
  return { key: keyOf(summary), id: summary.Id, image: summary.ImageID, running: Running, pid: 0, json, error };
}

function bounded(table: ContainerProcesses): Listed {
  const error = table.Omitted ? `${table.Omitted} more processes are not listed` : undefined;
  return { processes: table, error };
}

function errorsOf(held: Held, listed: Listed | undefined): string | undefined {
  return [held.error, listed?.error].filter((error) => error !== undefined).join('; ') || undefined;
}

function containerJson(held: Held, listed: Listed | undefined): () => string {
  const { processes } = listed ?? {};
  const error = errorsOf(held, listed);
  const rest: Pick<ContainerSnapshot, 'processes' | 'error'> = {
    ...(processes ? { processes } : {}),
    ...(error ? { error } : {}),
  };
  // The inspect is JSON already: what stands beside it is appended, not parsed and written again.
  const more = JSON.stringify(rest).slice(1);
  return () => `{"inspect":${held.json}${more === '}' ? '' : ','}${more}`;
}

/** The processes without the columns that move by themselves, in the order of their pids. */
function stableOf(held: Held, listed: Listed | undefined): string {
  const { Titles = [], Processes = [] } = listed?.processes ?? {};
  const columns = Titles.flatMap((title, index) => (volatileTitles.has(title) ? [] : [index]));
  const rows = Processes.map((row) => columns.map((column) => row[column] ?? '').join('\0'));
  return `${errorsOf(held, listed) ?? ''}\n${Titles.join(' ')}\n${rows.toSorted().join('\n')}`;
}

function withinLimit(body: string): string {
  if (body.length > largestBody) throw fault('engine_too_large', { limit: largestBody });
  return body;
}

function codeOf(error: unknown): string | undefined {
  return error instanceof Fault ? error.code : undefined;
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}

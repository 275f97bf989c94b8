// Assembles a node's snapshot from plain relay calls, for servers without `/snapshot`: a bare Docker daemon over TCP, or
// another relay. Such engines redact nothing, so it is done here first.
import type { MonotonicClock } from '../../../src/clock.ts';
import { mapBounded } from '../../../src/concurrency.ts';
import { digestOf } from '../../../src/digest.ts';
import { type ContainerInspect, type ImageInspect, isEngineId, isSandbox } from '../../../src/docker-api.ts';
import { fault } from '../../../src/errors.ts';
import {
  type ContainerSnapshot,
  type NodeSnapshot,
  type Process,
  type StoredImage,
  snapshotLimits,
} from '../../../src/minion-api.ts';
import { processesOf as readTable } from '../../../src/process-table.ts';
import { redactInspect, redactProcess } from '../../../src/redact.ts';
import type { CredentialSource } from './credentials.ts';
import { type DockerRound, openDocker, statusOf } from './docker.ts';
import {
  checkIdentified,
  checkImage,
  checkInspect,
  checkListedImages,
  checkProcesses,
  checkSummaries,
  checkVersion,
  type ListedImages,
  type Summaries,
} from './shape.ts';

export interface EngineReader {
  /** @throws Fault if the engine cannot be read at all. */
  read(signal: AbortSignal): Promise<NodeSnapshot>;
}

export interface EngineReaderOptions {
  readonly url: string;
  readonly node?: string;
  readonly credentials: CredentialSource;
  /** Maximum bytes of all answers of one round. */
  readonly limit: number;
  readonly keepValues: boolean;
  readonly clock: MonotonicClock;
}

type Summary = Summaries[number];

interface Cached<T> {
  readonly key: string;
  readonly value: T;
}

/** Concurrent calls to one engine. */
const atOnce = 4;
/** Moved tags do not show in the list of containers, so images are read again after this time. */
const imageKeptFor = 300_000;

export function createEngineReader({
  url,
  node,
  credentials,
  limit,
  keepValues,
  clock,
}: EngineReaderOptions): EngineReader {
  let inspects = new Map<string, Cached<ContainerInspect>>();
  let images = new Map<string, { readonly at: number; readonly value: ImageInspect | undefined }>();

  async function container(round: DockerRound, summary: Summary): Promise<ContainerSnapshot | undefined> {
    const key = stateKey(summary);
    const cached = inspects.get(summary.Id);
    const inspect = cached?.key === key ? cached.value : await inspectOf(round, summary, keepValues);
    if (!inspect) return undefined;
    if (inspect instanceof Failure) return { inspect: fromSummary(summary, keepValues), error: inspect.message };
    const taken = await processesOf(round, inspect, keepValues);
    // A container restarted between two rounds looks the same in the list, but has another first process.
    const current =
      cached?.key === key && hasRestarted(inspect, taken) ? await inspectOf(round, summary, keepValues) : inspect;
    if (!current) return undefined;
    if (current instanceof Failure) return { inspect: fromSummary(summary, keepValues), error: current.message };
    inspects.set(summary.Id, { key, value: current });
    return snapshotOf(current, taken);
  }

  async function image(round: DockerRound, id: string): Promise<ImageInspect | undefined> {
    const cached = images.get(id);
    if (cached && clock() - cached.at < imageKeptFor) return cached.value;
    const value = await imageOf(round, id, keepValues);
    images.set(id, { at: clock(), value });
    return value;
  }

  async function readAll(round: DockerRound): Promise<NodeSnapshot> {
    const version = checkVersion(await asked(round.bounded(round.docker.version())));
    const all = await listOf(round);
    const summaries = all.filter(({ Labels }) => !isSandbox(Labels));
    const containers = (await mapBounded(summaries, atOnce, (each) => container(round, each))).filter(
      (each) => each !== undefined,
    );
    const imageIds = [...new Set(containers.map(({ inspect }) => inspect.Image))].filter((id) =>
      isEngineId('image', id),
    );
    const found = await mapBounded(imageIds, atOnce, (id) => image(round, id));
    const others = await othersOf(round, keepValues, {
      shown: new Set(imageIds),
      inUse: new Set(all.map(({ ImageID }) => ImageID)),
    });
    inspects = kept(inspects, new Set(summaries.map(({ Id }) => Id)));
    images = kept(images, new Set(imageIds));
    return {
      runtime: runtimeOf(version),
      containers: containers.sort((a, b) => (a.inspect.Id < b.inspect.Id ? -1 : 1)),
      images: found.filter((each) => each !== undefined).sort((a, b) => (a.Id < b.Id ? -1 : 1)),
      ...others,
    };
  }

  return {
    async read(signal) {
      const round = await openDocker(url, await credentials.current(node), limit, signal);
      try {
        return await readAll(round);
      } finally {
        round.close();
      }
    },
  };
}

/** The answer of a call whose refusal fails the whole round. */
async function asked(call: Promise<unknown>): Promise<unknown> {
  try {
    return await call;
  } catch (error) {
    const status = statusOf(error);
    throw status === undefined ? error : fault('minion_refused', { status, said: '' }, error);
  }
}

async function listOf(round: DockerRound): Promise<Summaries> {
  const summaries = checkSummaries(await asked(round.bounded(round.docker.listContainers({ all: true }))));
  const bad = summaries.find(({ Id }) => !isEngineId('container', Id));
  if (bad) throw fault('minion_nonsense', { reason: 'containers: an Id that is none' });
  return summaries;
}

/** Failure of a single container or image; affects nothing else. */
class Failure extends Error {}

/** Undefined if it was removed after the list. */
async function single<T>(
  what: string,
  call: () => Promise<unknown>,
  check: (value: unknown) => T,
): Promise<T | Failure | undefined> {
  try {
    return check(await call());
  } catch (error) {
    const status = statusOf(error);
    if (status === 404) return undefined;
    if (status !== undefined) return new Failure(`${what}: status ${status}`);
    if (isNonsense(error)) return new Failure(`${what}: ${(error as Error).message}`);
    throw error;
  }
}

function isNonsense(error: unknown): boolean {
  return (error as { code?: unknown }).code === 'minion_nonsense';
}

async function inspectOf(
  round: DockerRound,
  { Id }: Summary,
  keepValues: boolean,
): Promise<ContainerInspect | Failure | undefined> {
  return single(
    'inspect',
    () => round.bounded(round.docker.getContainer(Id).inspect()),
    (answer) => {
      const { Id: id } = checkIdentified(answer);
      if (id !== Id) throw fault('minion_nonsense', { reason: 'inspect: of another container' });
      checkInspect(answer);
      const inspect = cutLists(answer as { ExecIDs?: unknown });
      if (!keepValues) redactInspect(inspect);
      return inspect as unknown as ContainerInspect;
    },
  );
}

async function imageOf(round: DockerRound, id: string, keepValues: boolean): Promise<ImageInspect | undefined> {
  const found = await single(
    'image',
    () => round.bounded(round.docker.getImage(id).inspect()),
    (answer) => {
      checkImage(answer);
      if (!keepValues) redactInspect(answer);
      return answer as ImageInspect;
    },
  );
  // A removed or unreadable image is still known from its containers.
  return found instanceof Failure ? undefined : found;
}

/** Other images on the node; unknown if the engine or its proxy does not list images. */
async function othersOf(
  round: DockerRound,
  keepValues: boolean,
  { shown, inUse }: { readonly shown: ReadonlySet<string>; readonly inUse: ReadonlySet<string | undefined> },
): Promise<Pick<NodeSnapshot, 'others' | 'partly'>> {
  const listed = await single('images', () => round.bounded(round.docker.listImages()), checkListedImages);
  if (listed === undefined || listed instanceof Failure) return {};
  const rest = listed.filter(({ Id }) => !shown.has(Id)).toSorted((a, b) => (b.Size ?? 0) - (a.Size ?? 0));
  const room = Math.max(0, snapshotLimits.images - shown.size);
  const others = rest.slice(0, room).map((image) => storedOf(image, !inUse.has(image.Id)));
  if (!keepValues) for (const image of others) redactInspect(image);
  return {
    others: others.sort((a, b) => (a.Id < b.Id ? -1 : 1)),
    ...(rest.length > room ? { partly: `${rest.length - room} more images` } : {}),
  };
}

function storedOf({ Id, RepoTags, RepoDigests, Size, Created }: ListedImages[number], unused: boolean): StoredImage {
  return {
    Id,
    ...(RepoTags ? { RepoTags } : {}),
    ...(RepoDigests ? { RepoDigests } : {}),
    ...(Size === undefined ? {} : { Size }),
    ...(Created === undefined ? {} : { Created: new Date(Created * 1000).toISOString() }),
    ...(unused ? { unused } : {}),
  };
}

async function processesOf(
  round: DockerRound,
  { Id, State }: ContainerInspect,
  keepValues: boolean,
): Promise<readonly Process[] | Failure | undefined> {
  if (!State.Running) return undefined;
  const found = await single(
    'processes',
    () => round.bounded(round.docker.getContainer(Id).top({ ps_args: 'aux' })),
    (answer) => {
      const { Titles, Processes } = answer as { Titles?: unknown; Processes?: unknown };
      const processes = readTable(checkProcesses({ Titles: Titles ?? [], Processes: Processes ?? [] }));
      const bounded = processes.slice(0, snapshotLimits.processesOfContainer);
      return keepValues ? bounded : bounded.map(redactProcess);
    },
  );
  // 409: it stopped after the inspect and has no processes any more.
  return found instanceof Failure && found.message.endsWith('status 409') ? undefined : found;
}

function snapshotOf(inspect: ContainerInspect, taken: readonly Process[] | Failure | undefined): ContainerSnapshot {
  if (taken instanceof Failure) return { inspect, error: taken.message };
  return taken === undefined ? { inspect } : { inspect, processes: taken };
}

function hasRestarted({ State }: ContainerInspect, taken: readonly Process[] | Failure | undefined): boolean {
  if (!State.Running) return false;
  if (taken === undefined || taken instanceof Failure) return true;
  return !taken.some(({ pid }) => pid === State.Pid);
}

/** Changes with everything that the list shows of a container except its age: `Up 5 minutes` is cut. */
function stateKey(summary: Summary): string {
  const { Status = '', ...rest } = summary;
  const marks = Status.match(/\([^)]*\)/g)?.join('') ?? '';
  return digestOf(JSON.stringify([rest, marks]));
}

/** The list entry alone, if the inspect cannot be read. */
function fromSummary(
  { Id, Names, Image, ImageID, State = 'unknown', Labels }: Summary,
  keepValues: boolean,
): ContainerInspect {
  const inspect = {
    Id,
    Name: Names?.[0] ?? '',
    Image: ImageID ?? '',
    State: { Status: State, Running: State === 'running' || State === 'paused' },
    Config: { ...(Image === undefined ? {} : { Image }), Labels: { ...Labels } },
  };
  if (!keepValues) redactInspect(inspect);
  return inspect;
}

/** Inspects with a hundred thousand ExecIDs have been seen in practice. */
function cutLists(inspect: { ExecIDs?: unknown }): { ExecIDs?: unknown } {
  const { ExecIDs } = inspect;
  if (!Array.isArray(ExecIDs)) return inspect;
  inspect.ExecIDs = ExecIDs.length === 0 ? null : `omitted list of ${ExecIDs.length} elements`;
  return inspect;
}

function runtimeOf(version: { Version: string; ApiVersion?: string }): NodeSnapshot['runtime'] {
  const components = JSON.stringify((version as { Components?: unknown }).Components ?? '');
  return {
    name: /podman/i.test(components) ? 'podman' : 'docker',
    version: version.Version,
    ...(version.ApiVersion === undefined ? {} : { apiVersion: version.ApiVersion }),
  };
}

function kept<T>(cache: Map<string, T>, ids: ReadonlySet<string>): Map<string, T> {
  return new Map([...cache].filter(([id]) => ids.has(id)));
}

// The contract of a container runtime: the calls of the closed list, answered in Docker's shapes, and what changed meanwhile.
// A runtime answers raw: redaction and cutting are the work of `outgoing.ts`, in one place for all.
import type { ContainerInspect, ContainerSummary, EngineVersion, ImageInspect } from '../../src/docker-api.ts';
import type { Process, RuntimeVersion, StoredImage } from '../../src/minion-api.ts';

export interface ListedImage extends Omit<StoredImage, 'unused'> {
  /** What no list of containers shows: sandboxes are made from it. */
  readonly ofSandboxes?: true;
}

/** Every call fails with a Fault: `engine_down`, `engine_slow`, `container_not_found` and their like. */
export interface Runtime {
  /** What answered when it was asked who it is. */
  readonly identity: RuntimeVersion;
  /** Whether a container can stop and start again under its id, so that a list alone does not show that it did. */
  readonly restartsInPlace: boolean;
  /** Whether `listProcesses` can know them where `/proc` does not show them. */
  readonly knowsProcesses: boolean;
  ping(): Promise<void>;
  version(): Promise<EngineVersion>;
  listContainers(all: boolean): Promise<ContainerSummary[]>;
  inspectContainer(id: string): Promise<ContainerInspect>;
  listProcesses(id: string): Promise<readonly Process[]>;
  inspectImage(id: string): Promise<ImageInspect>;
  /** Whether events tell that images came, went or are called otherwise. */
  readonly tellsOfImages: boolean;
  /** Every image on the node. */
  listImages(): Promise<readonly ListedImage[]>;
  /**
   * Follows the events until they end or `signal` aborts; says by `watching` that nothing is missed from then on.
   * `unserved` where the runtime has no events to follow.
   */
  watch(watcher: RuntimeWatcher, signal: AbortSignal): Promise<'ended' | 'unserved'>;
  /** Ends its connections. */
  close(): void;
}

export interface RuntimeWatcher {
  watching(): void;
  /** This container is not what it was, or is gone, or is new. */
  containerChanged(id: string): void;
  imageChanged(id: string): void;
}

/** Bounds of each call. */
export interface RuntimeLimits {
  /** Milliseconds for one call. */
  readonly timeout: number;
  /** Bytes of one answer. */
  readonly answer: number;
  /** Told of entries of a list that were nonsense and are left out. */
  readonly refused?: (call: string, entries: number) => void;
}

/** A way to talk to a runtime: asks the socket who it is, and is undefined where another kind of runtime answers there. */
export interface RuntimeDriver {
  readonly name: string;
  /** When a socket is asked by it, the lowest first: a driver that costs more to load comes later. */
  readonly turn: number;
  open(socket: string, limits: RuntimeLimits): Promise<Runtime | undefined>;
}

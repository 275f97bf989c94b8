// The contract of a container runtime: the calls of the closed list in Docker's shapes, and change notifications. Answers
// are raw: `outgoing.ts` redacts and cuts them for all runtimes.
import type { ContainerInspect, ContainerSummary, EngineVersion, ImageInspect } from '../../src/docker-api.ts';
import type { Process, RuntimeVersion, StoredImage } from '../../src/minion-api.ts';

export interface ListedImage extends Omit<StoredImage, 'unused'> {
  /** Sandboxes use it, which no list of containers shows. */
  readonly ofSandboxes?: true;
}

/** All calls fail with a Fault: `engine_down`, `engine_slow`, `container_not_found` and so on. */
export interface Runtime {
  /** Its answer when identified. */
  readonly identity: RuntimeVersion;
  /** Whether a container can restart with the same id, which a list alone does not show. */
  readonly restartsInPlace: boolean;
  /** Whether `listProcesses` may know processes that `/proc` does not show. */
  readonly knowsProcesses: boolean;
  ping(): Promise<void>;
  version(): Promise<EngineVersion>;
  listContainers(all: boolean): Promise<ContainerSummary[]>;
  inspectContainer(id: string): Promise<ContainerInspect>;
  listProcesses(id: string): Promise<readonly Process[]>;
  inspectImage(id: string): Promise<ImageInspect>;
  /** Whether events report added, removed and renamed images. */
  readonly tellsOfImages: boolean;
  /** All images of the node. */
  listImages(): Promise<readonly ListedImage[]>;
  /**
   * Follows events until they end or `signal` aborts; calls `watching` once nothing can be missed. `unserved` if the
   * runtime has no events.
   */
  watch(watcher: RuntimeWatcher, signal: AbortSignal): Promise<'ended' | 'unserved'>;
  /** Closes its connections. */
  close(): void;
}

export interface RuntimeWatcher {
  watching(): void;
  /** This container changed, is gone, or is new. */
  containerChanged(id: string): void;
  imageChanged(id: string): void;
}

/** Limits of each call. */
export interface RuntimeLimits {
  /** Milliseconds per call. */
  readonly timeout: number;
  /** Bytes per answer. */
  readonly answer: number;
  /** Called with the number of invalid list entries that were dropped. */
  readonly refused?: (call: string, entries: number) => void;
}

/** Identifies a runtime on a socket; undefined if another kind answers there. */
export interface RuntimeDriver {
  readonly name: string;
  /** Order of attempts on a socket, lowest first: expensive drivers come later. */
  readonly turn: number;
  open(socket: string, limits: RuntimeLimits): Promise<Runtime | undefined>;
}

// A real container runtime of this machine, started for a test with its own socket and data, and the operations of tests on it.

/** The container that a test wants. */
export interface ContainerWish {
  readonly name: string;
  readonly args: readonly string[];
  readonly env?: { readonly [name: string]: string };
  readonly labels?: { readonly [key: string]: string };
}

export interface TestEngine {
  /** Path of its unix socket. */
  readonly socket: string;
  /** Runs a container of the test image and returns its id. */
  run(wish: ContainerWish): Promise<string>;
  /** Kills its processes; the container remains. */
  kill(id: string): Promise<void>;
  /** Stops and starts it as users of this runtime would; returns the id, which may be new. */
  restart(id: string): Promise<string>;
  pause(id: string): Promise<void>;
  unpause(id: string): Promise<void>;
  remove(id: string): Promise<void>;
  /** Ends the daemon; its socket no longer answers. */
  stop(): Promise<void>;
  /** Starts the daemon again with its data and socket. */
  start(): Promise<void>;
  /** Ends all containers and the daemon, and removes their files. */
  close(): Promise<void>;
}

export interface EngineKind {
  readonly name: 'docker' | 'podman' | 'containerd';
  /** Required programs. */
  readonly programs: readonly string[];
  /** Starts it with the test image loaded. `dir` is empty and belongs to it. */
  start(dir: string, options?: StartOptions): Promise<TestEngine>;
}

export interface StartOptions {
  /** Archive of the test image, if several runtimes must use the same one; otherwise each creates its own. */
  readonly archive?: string;
  /** Docker only: a loopback port on which the daemon also listens, without TLS. */
  readonly port?: number;
  /** containerd only: two pods get their own network (pod-network.ts); otherwise all use the machine's. */
  readonly podNetwork?: boolean;
}

/** The image of all containers in tests: busybox and a few links to it. */
export const testImage = 'docker.io/library/insight-test:1';

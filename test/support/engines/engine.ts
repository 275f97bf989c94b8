// A real container runtime of this machine, started for a test on a socket and data of its own, and what a test does to it.

/** How a container of a test is to be. */
export interface ContainerWish {
  readonly name: string;
  readonly args: readonly string[];
  readonly env?: { readonly [name: string]: string };
  readonly labels?: { readonly [key: string]: string };
}

export interface TestEngine {
  /** Path of its unix socket. */
  readonly socket: string;
  /** Runs a container of the test image; its id. */
  run(wish: ContainerWish): Promise<string>;
  /** Its processes are killed; the container stays. */
  kill(id: string): Promise<void>;
  /** Stops it and starts it again, as this runtime's users do: the id may be another one then. */
  restart(id: string): Promise<string>;
  pause(id: string): Promise<void>;
  unpause(id: string): Promise<void>;
  remove(id: string): Promise<void>;
  /** The daemon ends; its socket answers no more. */
  stop(): Promise<void>;
  /** The daemon comes back with its data and on its socket. */
  start(): Promise<void>;
  /** Ends every container and the daemon, and removes what they left. */
  close(): Promise<void>;
}

export interface EngineKind {
  readonly name: 'docker' | 'podman' | 'containerd';
  /** The programs it needs. */
  readonly programs: readonly string[];
  /** Starts it with the test image loaded. `dir` is its own and empty. */
  start(dir: string, options?: StartOptions): Promise<TestEngine>;
}

export interface StartOptions {
  /** The test image's archive, where several runtimes are to have the very same; else each makes its own. */
  readonly archive?: string;
  /** Docker only: a port of the loopback address where the daemon listens besides its socket, without TLS. */
  readonly port?: number;
  /** containerd only: two pods get a network of their own (pod-network.ts); else all are in the machine's. */
  readonly podNetwork?: boolean;
}

/** The image every container of a test is made from: busybox and a few links to it. */
export const testImage = 'docker.io/library/insight-test:1';

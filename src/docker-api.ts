// The read-only runtime endpoints as in Docker: one list that the minion's relay serves and that the master calls if a node
// has no minion, with the shapes of the answers. Besides these, the events and the list of images, nothing is ever
// requested from a runtime.

/**
 * The images on a node's disk, requested for inventories by a minion or, without one, by the master. It is not in the list
 * below, so minions do not relay it.
 */
export const imagesPath = '/images/json';

/** What `:id` stands for in a path. */
export type IdGrammar = 'container' | 'image';

export interface EngineCall {
  /** The path, with `:id` for an id. */
  readonly path: string;
  readonly id?: IdGrammar;
  /** Allowed query parameters with their allowed values. */
  readonly query?: { readonly [name: string]: readonly string[] };
  /** Required query parameters. */
  readonly required?: readonly string[];
}

/** Docker's client writes booleans in any of these forms. */
const booleans = ['0', '1', 'false', 'true'] as const;

/** The complete list. Every call is a GET. */
export const engineCalls = {
  ping: { path: '/_ping' },
  version: { path: '/version' },
  listContainers: { path: '/containers/json', query: { all: booleans } },
  inspectContainer: { path: '/containers/:id/json', id: 'container' },
  listProcesses: { path: '/containers/:id/top', id: 'container', query: { ps_args: ['aux'] }, required: ['ps_args'] },
  inspectImage: { path: '/images/:id/json', id: 'image' },
} as const satisfies { readonly [name: string]: EngineCall };

export type EngineCallName = keyof typeof engineCalls;

/**
 * Allowed ids, checked after URL decoding. A container: a hex id or a name. An image: a hex id, a digest or a name without
 * a slash (Docker accepts slashes, but they could escape the path, so use the id or digest here).
 */
const grammars: { readonly [grammar in IdGrammar]: RegExp } = {
  container: /^[a-zA-Z0-9][a-zA-Z0-9_.-]{0,511}$/,
  image: /^[a-zA-Z0-9][a-zA-Z0-9_.-]{0,254}(?::[a-zA-Z0-9_][a-zA-Z0-9_.-]{0,127})?(?:@sha256:[0-9a-f]{64})?$/,
};

/**
 * Whether `id` matches the grammar. Two dots in a row are always rejected: no name needs them, and `..` must not reach a
 * socket.
 */
export function isEngineId(grammar: IdGrammar, id: string): boolean {
  return grammars[grammar].test(id) && !id.includes('..');
}

/** A container's id or its prefix, as opposed to a name. */
export function isHexId(id: string): boolean {
  return /^[0-9a-f]{12,64}$/.test(id);
}

/** Path and query of a call. The id must have passed `isEngineId`. */
export function enginePath(name: EngineCallName, id?: string, query?: { readonly [name: string]: string }): string {
  const path = engineCalls[name].path.replace(':id', () => encodeURIComponent(id ?? '').replace('%3A', ':'));
  const parameters = new URLSearchParams(query).toString();
  return parameters ? `${path}?${parameters}` : path;
}

/** The answer to `GET /_ping`. */
export const pingAnswer = 'OK';

/** `GET /version`: the fields that are read. */
export interface EngineVersion {
  readonly Version: string;
  readonly ApiVersion?: string;
  readonly Components?: readonly { readonly Name: string; readonly Version: string }[];
  readonly [field: string]: unknown;
}

/** One entry of `GET /containers/json`. */
export interface ContainerSummary {
  readonly Id: string;
  readonly Names: readonly string[];
  readonly Image: string;
  readonly ImageID: string;
  /** Seconds since the epoch. */
  readonly Created: number;
  readonly State: string;
  readonly Status: string;
  readonly Labels: { readonly [key: string]: string };
  readonly [field: string]: unknown;
}

/** `GET /containers/:id/json`. Fields unknown to a runtime are undefined. */
export interface ContainerInspect {
  readonly Id: string;
  /** With a leading slash, as in Docker. */
  readonly Name: string;
  readonly Created?: string;
  readonly Path?: string;
  readonly Args?: readonly string[];
  /** Id of the image, `sha256:…`. */
  readonly Image: string;
  readonly RestartCount?: number;
  readonly State: ContainerState;
  readonly Config: ContainerConfig;
  /** An unbounded list, so only its length is served: `omitted list of N elements`. */
  readonly ExecIDs?: string | null;
  readonly [field: string]: unknown;
}

export interface ContainerState {
  /** `created`, `running`, `paused`, `restarting`, `removing`, `exited` or `dead`; `unknown` if CRI says so. */
  readonly Status: string;
  readonly Running: boolean;
  readonly Paused?: boolean;
  /** Pid of the first process on the node; 0 if none. */
  readonly Pid?: number;
  readonly ExitCode?: number;
  readonly Error?: string;
  readonly StartedAt?: string;
  readonly FinishedAt?: string;
  readonly [field: string]: unknown;
}

export interface ContainerConfig {
  /** The image name as started: a tag, a digest or an id. */
  readonly Image?: string;
  /** `NAME=[redacted]` unless values are kept. */
  readonly Env?: readonly string[] | null;
  readonly Cmd?: readonly string[] | null;
  readonly Entrypoint?: readonly string[] | string | null;
  readonly Labels?: { readonly [key: string]: string } | null;
  readonly [field: string]: unknown;
}

/** `GET /containers/:id/top?ps_args=aux`. Read columns by title: their number and order differ between runtimes. */
export interface ContainerProcesses {
  readonly Titles: readonly string[];
  readonly Processes: readonly (readonly string[])[];
  /** Number of further processes, if there are more than a minion lists. */
  readonly Omitted?: number;
}

/** `GET /images/:id/json`. */
export interface ImageInspect {
  readonly Id: string;
  readonly RepoTags?: readonly string[] | null;
  readonly RepoDigests?: readonly string[] | null;
  readonly Created?: string;
  readonly Size?: number;
  readonly Architecture?: string;
  readonly Os?: string;
  readonly [field: string]: unknown;
}

/** Whether it is the sandbox container of a Pod. */
export function isSandbox(labels: { readonly [key: string]: string } | null | undefined): boolean {
  return (
    labels?.['io.kubernetes.docker.type'] === 'podsandbox' ||
    labels?.['io.cri-containerd.kind'] === 'sandbox' ||
    labels?.['io.kubernetes.container.name'] === 'POD'
  );
}

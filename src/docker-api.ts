// The read-only runtime endpoints, in Docker's words: one list that the minion's relay serves and that the master calls where
// an engine has no minion, with the shapes of their answers. Nothing but this list, the events and the list of images is ever
// asked of a runtime.

/**
 * What is on the node's disk: asked by a minion, and by the master where an engine has no minion, for their inventories. It
 * is no call of the list below, so a minion relays it to nobody.
 */
export const imagesPath = '/images/json';

/** What stands for `:id` in a path. */
export type IdGrammar = 'container' | 'image';

export interface EngineCall {
  /** The path, with `:id` where an id stands. */
  readonly path: string;
  readonly id?: IdGrammar;
  /** The query parameters allowed, each with its allowed values. */
  readonly query?: { readonly [name: string]: readonly string[] };
  /** Query parameters that must be there. */
  readonly required?: readonly string[];
}

/** Docker's client writes booleans in any of these ways. */
const booleans = ['0', '1', 'false', 'true'] as const;

/** The closed list. Every call is a GET. */
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
 * What an id may be, checked after the one decoding a URL gets. A container: a hex id or a name. An image: a hex id, a digest, or a
 * name without a slash (Docker takes slashes; a slash in an id is how a path escapes its place, so here the id or the digest is asked).
 */
const grammars: { readonly [grammar in IdGrammar]: RegExp } = {
  container: /^[a-zA-Z0-9][a-zA-Z0-9_.-]{0,511}$/,
  image: /^[a-zA-Z0-9][a-zA-Z0-9_.-]{0,254}(?::[a-zA-Z0-9_][a-zA-Z0-9_.-]{0,127})?(?:@sha256:[0-9a-f]{64})?$/,
};

/** True where `id` is of the grammar. Two dots in a row are never: no name needs them, and `..` must not reach a socket. */
export function isEngineId(grammar: IdGrammar, id: string): boolean {
  return grammars[grammar].test(id) && !id.includes('..');
}

/** A container's id or the beginning of one, as against a name. */
export function isHexId(id: string): boolean {
  return /^[0-9a-f]{12,64}$/.test(id);
}

/** The path and query of a call, ready to be sent. The id must have passed `isEngineId`. */
export function enginePath(name: EngineCallName, id?: string, query?: { readonly [name: string]: string }): string {
  const path = engineCalls[name].path.replace(':id', () => encodeURIComponent(id ?? '').replace('%3A', ':'));
  const parameters = new URLSearchParams(query).toString();
  return parameters ? `${path}?${parameters}` : path;
}

/** `GET /_ping` answers this text. */
export const pingAnswer = 'OK';

/** `GET /version`, as far as it is read here. */
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

/** `GET /containers/:id/json`. What a runtime cannot say is absent. */
export interface ContainerInspect {
  readonly Id: string;
  /** With a leading slash, as Docker has it. */
  readonly Name: string;
  readonly Created?: string;
  readonly Path?: string;
  readonly Args?: readonly string[];
  /** The id of the image, `sha256:…`. */
  readonly Image: string;
  readonly RestartCount?: number;
  readonly State: ContainerState;
  readonly Config: ContainerConfig;
  /** A list without bound, so only its length is served: `omitted list of N elements`. */
  readonly ExecIDs?: string | null;
  readonly [field: string]: unknown;
}

export interface ContainerState {
  /** `created`, `running`, `paused`, `restarting`, `removing`, `exited` or `dead`; `unknown` where CRI says so. */
  readonly Status: string;
  readonly Running: boolean;
  readonly Paused?: boolean;
  /** The first process, as the node numbers it; 0 where there is none. */
  readonly Pid?: number;
  readonly ExitCode?: number;
  readonly Error?: string;
  readonly StartedAt?: string;
  readonly FinishedAt?: string;
  readonly [field: string]: unknown;
}

export interface ContainerConfig {
  /** The name the container was started from: a tag, a digest or an id. */
  readonly Image?: string;
  /** `NAME=[redacted]` unless values are kept. */
  readonly Env?: readonly string[] | null;
  readonly Cmd?: readonly string[] | null;
  readonly Entrypoint?: readonly string[] | string | null;
  readonly Labels?: { readonly [key: string]: string } | null;
  readonly [field: string]: unknown;
}

/** `GET /containers/:id/top?ps_args=aux`. Read columns by their titles: their number and order differ by runtime. */
export interface ContainerProcesses {
  readonly Titles: readonly string[];
  readonly Processes: readonly (readonly string[])[];
  /** How many more there are, where a container has more than a minion lists. */
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

/** True for the container that only holds a pod's namespaces. */
export function isSandbox(labels: { readonly [key: string]: string } | null | undefined): boolean {
  return (
    labels?.['io.kubernetes.docker.type'] === 'podsandbox' ||
    labels?.['io.cri-containerd.kind'] === 'sandbox' ||
    labels?.['io.kubernetes.container.name'] === 'POD'
  );
}

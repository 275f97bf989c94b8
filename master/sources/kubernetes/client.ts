// The client of one API server: reads, watches, two reviews that ask who a caller is, and the one Lease that a setting names. It
// returns bytes without interpretation.
import { explainBare } from './api-failure.ts';
import {
  type Answer,
  type ClientOptions,
  connect,
  type Dial,
  type RequestOptions,
  type Stream,
  whole,
} from './connection.ts';
import { type LeaseName, type LeaseRequests, leaseRequests } from './lease-requests.ts';

export type { Answer, ClientOptions, Dial, RequestOptions, Stream } from './connection.ts';
export { bodyOf, mostBytes } from './connection.ts';

export interface Client {
  /** The API server's URL. */
  readonly server: string;
  readonly contextName: string;
  /** Resolves for any status; rejects if the answer is incomplete. `path` begins with a slash. */
  get(path: string, options?: RequestOptions): Promise<Answer>;
  /** Resolves with the headers, then streams the body. Leaving the loop closes the connection. */
  stream(path: string, options?: RequestOptions): Promise<Stream>;
  /** Asks about a caller. The API server stores nothing of it. */
  review(review: Review, options?: RequestOptions): Promise<Answer>;
  /** The one object that is ever written: see the setting `streamLease`. */
  lease(name: LeaseName): LeaseRequests;
  /** How the command line connects by itself, with the same credentials. */
  dial(): Promise<Dial>;
  close(): void;
}

const reviews = {
  TokenReview: { apiVersion: 'authentication.k8s.io/v1', plural: 'tokenreviews' },
  SubjectAccessReview: { apiVersion: 'authorization.k8s.io/v1', plural: 'subjectaccessreviews' },
} as const;

export interface Review {
  readonly kind: keyof typeof reviews;
  readonly spec: object;
}

const probeTimeout = 10_000;

/**
 * Undefined if no cluster is configured.
 * @throws Fault `bad_setting` if the configuration is unreadable.
 */
export async function loadClient(options: ClientOptions): Promise<Client | undefined> {
  const connection = await connect(options);
  if (connection === undefined) return undefined;
  const { server, contextName, dial, close } = connection;
  const read = (path: string, request: RequestOptions) => connection.send({ ...request, method: 'GET', path });
  return {
    server,
    contextName,
    get: async (path, request = {}) => whole(await read(path, request), request.limit),
    stream: (path, request = {}) => read(path, request),
    async review({ kind, spec }, request = {}) {
      const { apiVersion, plural } = reviews[kind];
      const body = JSON.stringify({ apiVersion, kind, spec });
      const path = `/apis/${apiVersion}/${plural}`;
      return whole(
        await connection.send({ purpose: 'rights of a caller', ...request, method: 'POST', path, body }),
        request.limit,
      );
    },
    lease: (name) => leaseRequests(async (request) => whole(await connection.send(request), request.limit), name),
    dial,
    close,
  };
}

export type Reach =
  | { readonly reachable: true; readonly version: string }
  | { readonly reachable: false; readonly reason: string };

/** Whether the API server answers; otherwise one sentence with the reason. */
export async function probe(client: Client, signal?: AbortSignal): Promise<Reach> {
  try {
    const answer = await client.get('/version', {
      idle: probeTimeout,
      purpose: 'reach',
      ...(signal ? { signal } : {}),
    });
    if (answer.status === 401)
      return { reachable: false, reason: `${client.server} refuses the credentials of context ${client.contextName}` };
    return { reachable: true, version: versionOf(answer) };
  } catch (error) {
    return { reachable: false, reason: `${client.server} cannot be reached (${explainBare(error)})` };
  }
}

/** Clusters may hide their version although they are reachable. */
function versionOf({ status, body }: Answer): string {
  try {
    const { gitVersion } = JSON.parse(body.toString()) as { readonly gitVersion?: unknown };
    return status === 200 ? String(gitVersion ?? 'unknown') : 'unknown';
  } catch {
    return 'unknown';
  }
}

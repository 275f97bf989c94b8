// The contract of authentication: identifies callers by their `Authorization` header, repeatedly while they are connected.

/** A caller. */
export interface Caller {
  /** For the log. */
  readonly name: string;
  /** Equal keys mean the same caller with the same claims: cached rights depend on it. */
  readonly key: string;
  /** Callers with the same tenant share limits: see tenant.ts. */
  readonly tenant: string;
  /** The cluster's user for reviews; static tokens have none. */
  readonly user?: ClusterUser;
}

/** What a TokenReview returns about a token's owner, and a SubjectAccessReview needs. */
export interface ClusterUser {
  readonly username: string;
  readonly uid?: string;
  readonly groups?: readonly string[];
  readonly extra?: { readonly [name: string]: readonly string[] };
}

export interface Authenticator {
  /**
   * Undefined if the header proves nothing. An unknown token is reviewed by `asStranger`, which may leave it; it counts as
   * invalid then.
   * @throws Fault `unavailable` if it cannot be determined now.
   */
  callerOf(authorization: string | undefined, asStranger?: AsStranger): Promise<Caller | undefined>;
}

/** Reviews at once, later or not at all: see strangers.ts. */
export type AsStranger = (review: () => Promise<Caller | undefined>) => Promise<Caller | undefined>;

/** Longer tokens are rejected: those of Kubernetes are much shorter. */
const longest = 16_384;

/** The token of `Bearer TOKEN`, RFC 6750 section 2.1. */
export function bearerToken(authorization: string | undefined): string | undefined {
  if (authorization === undefined || authorization.length > longest) return undefined;
  return /^bearer +([\w\-.~+/]+=*) *$/i.exec(authorization)?.[1];
}

// The contract of authentication: from an `Authorization` header to a caller, again and again while they are connected.

/** Who asks. */
export interface Caller {
  /** For the log. */
  readonly name: string;
  /** The same key means the same caller with the same claims: what is remembered of their rights hangs on it. */
  readonly key: string;
  /** Who shares what with them: see tenant.ts. */
  readonly tenant: string;
  /** As the cluster knows them, for its reviews; static tokens have none. */
  readonly user?: ClusterUser;
}

/** What TokenReview says of a token's owner, and SubjectAccessReview asks back. */
export interface ClusterUser {
  readonly username: string;
  readonly uid?: string;
  readonly groups?: readonly string[];
  readonly extra?: { readonly [name: string]: readonly string[] };
}

export interface Authenticator {
  /**
   * Undefined where the header proves nothing. `mayAsk` is called before anybody is asked about a token that is not known
   * here; where it says no, the token counts as one that proves nothing.
   * @throws Fault `unavailable` where nobody can say now.
   */
  callerOf(authorization: string | undefined, mayAsk?: () => boolean): Promise<Caller | undefined>;
}

/** Longer ones are nobody's: those of Kubernetes stay far below. */
const longest = 16_384;

/** The token of `Bearer TOKEN`, RFC 6750 section 2.1. */
export function bearerToken(authorization: string | undefined): string | undefined {
  if (authorization === undefined || authorization.length > longest) return undefined;
  return /^bearer +([\w\-.~+/]+=*) *$/i.exec(authorization)?.[1];
}

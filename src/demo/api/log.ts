// Requests to the fake API server: the newest ones, and counts of all by verb and resource.

export interface LoggedRequest {
  readonly method: string;
  /** Path and query. */
  readonly url: string;
  /** `list pods`, `watch deployments.apps`, `get /version`. */
  readonly what: string;
  readonly user: string;
  readonly accept: string;
}

export interface RequestLog {
  add(entry: LoggedRequest): void;
  /** The newest requests, oldest first. */
  entries(): readonly LoggedRequest[];
  /** Number of requests described as `list pods` and so on. */
  count(what: string): number;
  clear(): void;
}

export function createRequestLog(limit = 10_000): RequestLog {
  let entries: LoggedRequest[] = [];
  const counts = new Map<string, number>();
  return {
    add(entry) {
      entries.push(entry);
      if (entries.length > limit * 2) entries = entries.slice(-limit);
      counts.set(entry.what, (counts.get(entry.what) ?? 0) + 1);
    },
    entries: () => entries.slice(-limit),
    count: (what) => counts.get(what) ?? 0,
    clear() {
      entries = [];
      counts.clear();
    },
  };
}

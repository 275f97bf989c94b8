// A Lease in memory with the API server's rules: one version at a time, 409 for an older one. It fails and hangs as a test wants.
import { ApiFailure } from '../../master/sources/kubernetes/api-failure.ts';
import type { LeaseRequests, LeaseSpec, StoredLease } from '../../master/sources/kubernetes/lease-requests.ts';

export type LeaseFate =
  /** Refused with this status; nothing is stored. */
  | number
  /** No connection. */
  | 'away'
  /** Never answered; nothing is stored. */
  | 'hangs'
  /** Stored, and never answered. */
  | 'unanswered';

export interface MemoryLease {
  /** What is stored; undefined for no Lease. Others write here. */
  spec: { readonly [field: string]: unknown } | undefined;
  /** Methods of requests that were answered, in order. */
  readonly asked: string[];
  /** Access for one master, whose requests meet the fate that `fate` returns. */
  requests(fate?: (method: string) => LeaseFate | undefined): LeaseRequests;
}

export function createMemoryLease(first?: MemoryLease['spec']): MemoryLease {
  let [spec, version] = [first, 1];
  const stored = (): StoredLease => ({
    object: { kind: 'Lease', metadata: { name: 'p', resourceVersion: String(version) }, spec } as never,
    spec: spec ?? {},
  });
  const write = (next: MemoryLease['spec']) => {
    [spec, version] = [next, version + 1];
    return stored();
  };
  const asked: string[] = [];
  const never = (signal: AbortSignal) =>
    new Promise<never>((_, reject) =>
      signal.addEventListener('abort', () => reject(signal.reason as Error), { once: true }),
    );

  async function meet<T>(method: string, met: LeaseFate | undefined, signal: AbortSignal, work: () => T): Promise<T> {
    signal.throwIfAborted();
    if (typeof met === 'number') throw new ApiFailure(met, `refused with ${met}`);
    if (met === 'away') throw Object.assign(new Error('connect ECONNREFUSED'), { code: 'ECONNREFUSED' });
    if (met === 'hangs') return never(signal);
    const result = work();
    if (met === 'unanswered') return never(signal);
    asked.push(method);
    return result;
  }

  return {
    get spec() {
      return spec;
    },
    set spec(next) {
      write(next);
    },
    asked,
    requests: (fate = () => undefined) => ({
      read: (signal) => meet('read', fate('read'), signal, () => (spec === undefined ? undefined : stored())),
      create: (next: LeaseSpec, signal) =>
        meet('create', fate('create'), signal, () => {
          if (spec !== undefined) throw new ApiFailure(409, 'already exists');
          return write({ ...next });
        }),
      update: ({ object }, next, signal) =>
        meet('update', fate('update'), signal, () => {
          if (spec === undefined) throw new ApiFailure(404, 'not found');
          if (object.metadata.resourceVersion !== String(version)) throw new ApiFailure(409, 'modified');
          return write({ ...spec, ...next });
        }),
    }),
  };
}

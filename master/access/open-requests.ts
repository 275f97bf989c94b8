// Running answers, and whether their callers still have the rights. A stream may outlive a right, and a download the
// reader's patience: both are cut here.
import type { ServerResponse } from 'node:http';
import type { MonotonicClock, MonotonicTime } from '../../src/clock.ts';
import type { Logger } from '../../src/logger.ts';

export interface OpenRequest {
  readonly response: ServerResponse;
  /** For the log. */
  readonly caller: string;
  /** Callers with the same tenant share limits: see tenant.ts. */
  readonly tenant: string;
  readonly authorization: string | undefined;
  /** The caller and their rights when the answer began: see `standingOf`. */
  readonly standing: string | undefined;
  /** A stream that ends only with the right to it. */
  readonly endless: boolean;
}

export interface OpenRequestsOptions {
  /** The caller and rights of a header now, as one text; undefined for none. */
  readonly standingOf: (authorization: string | undefined) => Promise<string | undefined>;
  readonly clock: MonotonicClock;
  readonly logger: Logger;
  /** Above this number the tenant with most streams loses its oldest to one with fewer. */
  readonly most?: number;
  /** Called for each one that is cut, with the reason. */
  readonly onCut?: (reason: CutReason) => void;
}

export interface OpenRequests {
  add(request: OpenRequest): void;
  /** Ends one to make room for a tenant that holds less. */
  cutForShare(response: ServerResponse): void;
  /** Checks all again. Call it every `lookEvery`. */
  look(): Promise<void>;
  readonly size: number;
}

/** Milliseconds. With the caches of rights, three of these stay below a minute. */
export const lookEvery = 10_000;
/** After this many failed checks of rights the caller counts as having none. */
const patience = 2;
/** Maximum milliseconds for reading an answer. */
const longest = 1_800_000;
/** Below the capacity of the change stream, so that one more always fits. */
const usualMost = 1900;

const reasons = {
  rights: 'the rights of its caller changed',
  rights_unknown: 'the rights of its caller cannot be checked',
  too_long: 'it was read too slowly',
  share: 'memory is needed for a caller who holds less',
} as const;

type CutReason = keyof typeof reasons;

interface Held extends OpenRequest {
  readonly since: MonotonicTime;
  unsure: number;
}

export function createOpenRequests(options: OpenRequestsOptions): OpenRequests {
  const { standingOf, clock, logger, onCut, most = usualMost } = options;
  const open = new Set<Held>();

  function cut(request: Held, reason: CutReason): void {
    open.delete(request);
    onCut?.(reason);
    logger.info({ caller: request.caller }, `a connection was closed: ${reasons[reason]}`);
    request.response.destroy();
  }

  async function lookAt(authorization: string | undefined, requests: readonly Held[]): Promise<void> {
    const standing = await standingOf(authorization).catch(() => null);
    for (const request of requests) {
      if (standing === null) request.unsure++;
      else request.unsure = 0;
      if (standing !== null && standing !== request.standing) cut(request, 'rights');
      else if (request.unsure >= patience) cut(request, 'rights_unknown');
      else if (!request.endless && clock() - request.since > longest) cut(request, 'too_long');
    }
  }

  function makeRoomFor(tenant: string): void {
    if (open.size < most) return;
    const byTenant = Map.groupBy(open, (one) => one.tenant);
    const own = byTenant.get(tenant)?.length ?? 0;
    const [largest = []] = [...byTenant.values()].toSorted((a, b) => b.length - a.length);
    const oldest = largest.find(({ endless }) => endless);
    // A tenant that holds most already is rejected by the limit of its request.
    if (oldest && largest.length > own + 1) cut(oldest, 'share');
  }

  return {
    cutForShare(response) {
      const held = open.values().find((one) => one.response === response);
      if (held) cut(held, 'share');
      else response.destroy();
    },
    add(request) {
      makeRoomFor(request.tenant);
      const held = { ...request, since: clock(), unsure: 0 };
      open.add(held);
      request.response.once('close', () => open.delete(held));
      if (request.response.destroyed) open.delete(held);
    },
    async look() {
      const byCaller = Map.groupBy(open, ({ authorization }) => authorization);
      await Promise.all([...byCaller].map(([authorization, requests]) => lookAt(authorization, requests)));
    },
    get size() {
      return open.size;
    },
  };
}

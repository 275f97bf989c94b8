// Requests that are being answered, and whether who asked may still have the answer. A stream can outlive the right to
// it, and a download the reader's patience: both are cut here.
import type { ServerResponse } from 'node:http';
import type { MonotonicClock, MonotonicTime } from '../../src/clock.ts';
import type { Logger } from '../../src/logger.ts';

export interface OpenRequest {
  readonly response: ServerResponse;
  /** For the log. */
  readonly caller: string;
  /** Who shares what with them: see tenant.ts. */
  readonly tenant: string;
  readonly authorization: string | undefined;
  /** What the caller was and might see when the answer began: see `standingOf`. */
  readonly standing: string | undefined;
  /** Meant to last: it ends only with the right to it. */
  readonly endless: boolean;
}

export interface OpenRequestsOptions {
  /** What a header stands for now: a caller and their rights as one text; undefined for nobody. */
  readonly standingOf: (authorization: string | undefined) => Promise<string | undefined>;
  readonly clock: MonotonicClock;
  readonly logger: Logger;
  /** Beyond so many, the tenant with most of them loses its oldest stream to one who has fewer. */
  readonly most?: number;
  /** Told of each that is cut, in a word. */
  readonly onCut?: (reason: CutReason) => void;
}

export interface OpenRequests {
  add(request: OpenRequest): void;
  /** Ends one because somebody who holds less needs its room. */
  cutForShare(response: ServerResponse): void;
  /** Looks at all of them again. To be called every `lookEvery`. */
  look(): Promise<void>;
  readonly size: number;
}

/** Milliseconds. With what is remembered of rights, three of these stay below a minute. */
export const lookEvery = 10_000;
/** So often nobody could say what a caller may see, and then it counts as nothing. */
const patience = 2;
/** Milliseconds that an answer may take to be read, however slowly. */
const longest = 1_800_000;
/** Below what the stream of changes takes in all, so that there is always room for one more. */
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
    // One that holds most already is turned away by the limit of what it asks for.
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

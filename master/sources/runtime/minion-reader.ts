// Reads one minion once a round: a conditional `/snapshot` where it is offered, the plain relay calls where it is not.
// Remembers what is needed to ask only for what changed.
import { createHash } from 'node:crypto';
import type { Clock } from '../../../src/clock.ts';
import { type NodeSnapshot, snapshotPath, volatileTitles } from '../../../src/engine-api.ts';
import { fault } from '../../../src/errors.ts';
import type { CredentialSource } from './credentials.ts';
import { createEngineReader } from './engine-reader.ts';
import type { Minion } from './minions.ts';
import { checkSnapshot } from './shape.ts';
import type { Answer, Transport } from './transport.ts';

export interface MinionReader {
  /** The node, or undefined where it is as it was at the last call. @throws Fault */
  read(signal: AbortSignal): Promise<NodeSnapshot | undefined>;
  /** The next answer is to be whole. */
  forget(): void;
}

export interface ReaderOptions {
  readonly transport: Transport;
  readonly credentials: CredentialSource;
  /** Most bytes of one round's answers. */
  readonly limit: number;
  readonly keepValues: boolean;
  readonly clock: Clock;
}

/** Rounds by relay calls before `/snapshot` is tried again: a minion may have taken the place of a bare engine. */
const relayRounds = 60;

export function createMinionReader(minion: Minion, options: ReaderOptions): MinionReader {
  const engine = createEngineReader({ url: minion.url, ...options });
  let seen: string | undefined;
  let relayLeft = 0;

  async function bySnapshot(signal: AbortSignal): Promise<NodeSnapshot | undefined> {
    const answer = await options.transport.get(minion.url + snapshotPath, { signal, limit: options.limit, etag: seen });
    if (answer.status === 404) {
      relayLeft = relayRounds;
      seen = undefined;
      return byRelay(signal);
    }
    if (answer.status === 304 && seen !== undefined) return undefined;
    const snapshot = checkNode(minion, parse(answer));
    seen = answer.etag;
    return snapshot;
  }

  async function byRelay(signal: AbortSignal): Promise<NodeSnapshot | undefined> {
    relayLeft--;
    const snapshot = await engine.read(signal);
    const digest = digestOf(snapshot);
    if (digest === seen) return undefined;
    seen = digest;
    return snapshot;
  }

  return {
    async read(signal) {
      try {
        return await (relayLeft > 0 ? byRelay(signal) : bySnapshot(signal));
      } catch (error) {
        relayLeft = 0;
        seen = undefined;
        throw error;
      }
    },
    forget() {
      seen = undefined;
    },
  };
}

function parse({ status, body }: Answer): NodeSnapshot {
  if (status !== 200) throw fault('minion_refused', { status, said: codeIn(body) });
  return checkSnapshot(json(body));
}

/** The code of our own failure body, such as that of a minion whose engine is down. Its sentence is left to the minion's log. */
function codeIn(body: Buffer): string {
  const code = /"code":\s?"([a-z_]{1,64})"/.exec(body.toString('utf8', 0, 1000))?.[1];
  return code === undefined ? '' : ` (${code})`;
}

function json(body: Buffer): unknown {
  try {
    return JSON.parse(body.toString('utf8'));
  } catch (error) {
    throw fault('minion_nonsense', { reason: 'not JSON' }, error);
  }
}

function checkNode({ node, checkNode: check }: Minion, snapshot: NodeSnapshot): NodeSnapshot {
  if (!check || snapshot.node === undefined || snapshot.node === node) return snapshot;
  throw fault('minion_nonsense', { reason: `it is of node ${JSON.stringify(snapshot.node.slice(0, 253))}` });
}

/** Of all that counts as change: the columns of processes that move by themselves are left out. */
function digestOf({ runtime, containers, images }: NodeSnapshot): string {
  const still = containers.map(({ inspect, processes, error }) => [inspect, processes && stillRows(processes), error]);
  return createHash('sha1')
    .update(JSON.stringify([runtime, still, images]))
    .digest('base64');
}

function stillRows({
  Titles,
  Processes,
}: {
  Titles: readonly string[];
  Processes: readonly (readonly string[])[];
}): unknown {
  return Processes.map((row) => row.filter((_, column) => !volatileTitles.has(Titles[column] ?? '')));
}

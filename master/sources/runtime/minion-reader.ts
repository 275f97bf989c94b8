// Reads one minion per round: a conditional `/snapshot` if offered, plain relay calls otherwise. It remembers what is
// needed to ask for changes only.
import type { MonotonicClock } from '../../../src/clock.ts';
import { digestOf } from '../../../src/digest.ts';
import { fault } from '../../../src/errors.ts';
import { identityOf, type NodeSnapshot, snapshotPath } from '../../../src/minion-api.ts';
import type { CredentialSource } from './credentials.ts';
import { createEngineReader } from './engine-reader.ts';
import type { Minion } from './minions.ts';
import { readSnapshot } from './read-snapshot.ts';
import type { Answer, Transport } from './transport.ts';

export interface MinionReader<T = NodeSnapshot> {
  /** The node's data, or undefined if unchanged since the last call. @throws Fault */
  read(signal: AbortSignal): Promise<T | undefined>;
  /** The next answer will be complete. */
  forget(): void;
}

export interface ReaderOptions {
  readonly transport: Transport;
  readonly credentials: CredentialSource;
  /** Maximum bytes of one round's answers. */
  readonly limit: number;
  readonly keepValues: boolean;
  readonly clock: MonotonicClock;
}

/** Rounds of relay calls until `/snapshot` is tried again: a minion may have replaced a bare engine. */
const relayRounds = 60;

export function createMinionReader(minion: Minion, options: ReaderOptions): MinionReader {
  const engine = createEngineReader({ url: minion.url, node: minion.node, ...options });
  let seen: string | undefined;
  let relayLeft = 0;

  async function bySnapshot(signal: AbortSignal): Promise<NodeSnapshot | undefined> {
    const answer = await options.transport.get(minion.url + snapshotPath, {
      signal,
      limit: options.limit,
      etag: seen,
      node: minion.node,
    });
    if (answer.status === 404) {
      relayLeft = relayRounds;
      seen = undefined;
      return byRelay(signal);
    }
    if (answer.status === 304 && seen !== undefined) return undefined;
    const snapshot = checkNode(minion, await readSnapshot(bodyOf(answer), options, signal));
    seen = answer.etag;
    return snapshot;
  }

  async function byRelay(signal: AbortSignal): Promise<NodeSnapshot | undefined> {
    relayLeft--;
    const snapshot = await engine.read(signal);
    const digest = changeDigest(snapshot);
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

export function bodyOf({ status, body }: Answer): Buffer {
  if (status !== 200) throw fault('minion_refused', { status, said: codeIn(body) });
  return body;
}

/** The code in an error body of a minion, such as one whose engine is down. The minion logs the details. */
function codeIn(body: Buffer): string {
  const code = /"code":\s?"([a-z_]{1,64})"/.exec(body.toString('utf8', 0, 1000))?.[1];
  return code === undefined ? '' : ` (${code})`;
}

function checkNode({ node, checkNode: check }: Minion, snapshot: NodeSnapshot): NodeSnapshot {
  if (!check || snapshot.node === undefined || snapshot.node === node) return snapshot;
  throw fault('minion_nonsense', { reason: `it is of node ${JSON.stringify(snapshot.node.slice(0, 253))}` });
}

/** A digest of everything that counts as a change. */
function changeDigest({ runtime, containers, images, others, partly }: NodeSnapshot): string {
  const still = containers.map(({ inspect, processes, error }) => [inspect, processes?.map(identityOf), error]);
  return digestOf(JSON.stringify([runtime, still, images, others, partly]));
}

// Reads one minion's telemetry per round with a conditional request. A minion without probes does not serve it; it is asked
// again after some rounds, since it may restart with probes.
import { fault } from '../../../src/errors.ts';
import { type NodeTelemetry, telemetryLimits, telemetryPath } from '../../../src/telemetry-api.ts';
import { bodyOf, type MinionReader } from '../runtime/minion-reader.ts';
import type { Minion } from '../runtime/minions.ts';
import type { Transport } from '../runtime/transport.ts';
import { checkTelemetry } from './shape.ts';

/** Rounds until a minion without probes is asked again. */
const unservedRounds = 10;

export function createTelemetryReader(minion: Minion, transport: Transport): MinionReader<NodeTelemetry> {
  let seen: string | undefined;
  let left = 0;

  return {
    async read(signal) {
      if (left > 0) {
        left--;
        return undefined;
      }
      const url = minion.url + telemetryPath;
      const options = { signal, limit: telemetryLimits.bytes, etag: seen, node: minion.node };
      const answer = await transport.get(url, options);
      if (answer.status === 404) {
        left = unservedRounds;
        seen = undefined;
        return undefined;
      }
      if (answer.status === 304 && seen !== undefined) return undefined;
      const telemetry = ofNode(minion, checkTelemetry(parsed(bodyOf(answer))));
      seen = answer.etag;
      return telemetry;
    },
    forget() {
      seen = undefined;
    },
  };
}

/** @throws Fault `minion_nonsense`. */
function parsed(body: Buffer): unknown {
  try {
    return JSON.parse(body.toString('utf8'));
  } catch (error) {
    throw fault('minion_nonsense', { reason: 'telemetry is not JSON' }, error);
  }
}

function ofNode({ node, checkNode }: Minion, telemetry: NodeTelemetry): NodeTelemetry {
  if (!checkNode || telemetry.node === undefined || telemetry.node === node) return telemetry;
  throw fault('minion_nonsense', { reason: `it is of node ${JSON.stringify(telemetry.node.slice(0, 253))}` });
}

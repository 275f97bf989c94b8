// Names of the streams, subjects, buckets and keys in NATS for a cluster. Cluster names may contain characters that NATS does not
// allow.

export interface StreamNames {
  /** The stream of the log. It has a single subject, so that all messages have one order. */
  readonly stream: string;
  readonly subject: string;
  /** Subject for keyframe requests of replicas that find neither log nor snapshot to continue from. */
  readonly wanted: string;
  /** The object store with snapshots. */
  readonly snapshots: string;
  /** Key in the bucket `heads`. */
  readonly head: string;
  readonly lock: string;
}

/** The key-value bucket of all clusters. */
export const heads = 'ci';
export const headSuffix = '.head';

export function streamNames(cluster: string): StreamNames {
  const token = tokenOf(cluster);
  return {
    stream: `CI_${token}`,
    subject: `ci.${token}.log`,
    wanted: `ci.${token}.wanted`,
    snapshots: `ci_${token}`,
    head: `${token}${headSuffix}`,
    lock: `${token}.lock`,
  };
}

/** Reversible, so that different clusters never collide: letters, digits and dashes are kept, other bytes encoded. */
function tokenOf(cluster: string): string {
  const token = Array.from(Buffer.from(cluster), (byte) => {
    const char = String.fromCharCode(byte);
    return /[A-Za-z0-9-]/.test(char) ? char : `_${byte.toString(16).padStart(2, '0')}`;
  }).join('');
  return token === '' ? '_' : token;
}

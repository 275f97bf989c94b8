// What streams, subjects, buckets and keys of NATS are called for a cluster. A name of a cluster may hold what they may not.

export interface StreamNames {
  /** The stream with the log, of one subject alone: one order for all of it. */
  readonly stream: string;
  readonly subject: string;
  /** Where a keyframe is asked for, that neither log nor snapshot holds any more. */
  readonly wanted: string;
  /** The object store with snapshots. */
  readonly snapshots: string;
  /** Keys of the bucket `heads`. */
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

/** One to one: letters, digits and dashes stay as they are. */
function tokenOf(cluster: string): string {
  const token = Array.from(Buffer.from(cluster), (byte) => {
    const char = String.fromCharCode(byte);
    return /[A-Za-z0-9-]/.test(char) ? char : `_${byte.toString(16).padStart(2, '0')}`;
  }).join('');
  return token === '' ? '_' : token;
}

// Explains a failed start in one line with advice.
import { Fault } from './errors.ts';

const advice: { readonly [code: string]: string } = {
  EADDRINUSE: 'choose another port with CLUSTER_INSIGHT_PORT; 0 takes a free one',
  EADDRNOTAVAIL: 'CLUSTER_INSIGHT_HOST must be an address of this machine',
  ENOTFOUND: 'check the name; CLUSTER_INSIGHT_HOST and the cluster must resolve here',
  EACCES: 'give this user the right to it, or choose another port or file',
  ENOENT: 'check the path in the settings',
  ECONNREFUSED: 'check that it runs and that the address is right',
};

/** One line: what failed and, if known, what to do. */
export function adviceOn(error: unknown): string {
  const { code, message } = toError(error);
  const hint = code === undefined ? undefined : advice[code];
  const line = message.replace(/\s*\n\s*/g, ' ');
  return hint === undefined ? line : `${line}: ${hint}`;
}

/** 2 for invalid settings, as for wrong usage of a command; 1 otherwise. */
export function exitStatusOf(error: unknown): 1 | 2 {
  return error instanceof Fault && error.code === 'bad_setting' ? 2 : 1;
}

function toError(error: unknown): { readonly code?: string; readonly message: string } {
  return error instanceof Error ? error : { message: String(error) };
}

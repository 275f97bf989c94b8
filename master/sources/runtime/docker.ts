// Opens dockerode on one address for one round, bounded in bytes and time. dockerode itself reads answers without bound,
// and waits for ever when a connection ends in mid-answer; both are mended here, around its agent.
import http from 'node:http';
import https from 'node:https';
import type Docker from 'dockerode';
import { fault } from '../../../src/errors.ts';
import type { Credentials } from './credentials.ts';
import { unreachable } from './transport.ts';

export interface DockerRound {
  readonly docker: Docker;
  /** Waits for a call of dockerode. @throws Fault, or dockerode's own error where the engine answered with a status. */
  bounded<T>(call: Promise<T>): Promise<T>;
  close(): void;
}

/** `limit`: most bytes of all answers of the round. */
export async function openDocker(
  url: string,
  credentials: Credentials,
  limit: number,
  signal: AbortSignal,
): Promise<DockerRound> {
  // 200 ms to import, and most clusters never need it.
  const { default: Docker } = await import('dockerode');
  const { protocol, hostname, port } = new URL(url);
  const secure = protocol === 'https:';
  const failed = new AbortController();
  const agent = secure ? new https.Agent({ keepAlive: true, ...credentials.tls }) : new http.Agent({ keepAlive: true });
  count(agent, limit, () => failed.abort(fault('minion_too_large', { limit })));
  const stop = AbortSignal.any([signal, failed.signal]);
  const docker = new Docker({
    protocol: secure ? 'https' : 'http',
    host: hostname.replace(/^\[(.*)\]$/, '$1'),
    port: port || (secure ? 443 : 80),
    ...(credentials.token === undefined ? {} : { headers: { authorization: `Bearer ${credentials.token}` } }),
    // Its types leave the agent out.
    ...({ agent } as object),
  });
  const close = () => agent.destroy();
  stop.addEventListener('abort', close, { once: true });
  return { docker, close, bounded: (call) => bounded(call, stop) };
}

/** Calls `full` once more than `limit` bytes came over the agent's connections together. */
function count(agent: http.Agent, limit: number, full: () => void): void {
  let total = 0;
  const connect = agent.createConnection.bind(agent);
  agent.createConnection = (...args: Parameters<typeof connect>) => {
    const socket = connect(...args);
    socket?.on('data', (chunk: Buffer) => {
      total += chunk.length;
      if (total > limit) full();
    });
    return socket;
  };
}

async function bounded<T>(call: Promise<T>, stop: AbortSignal): Promise<T> {
  const { promise: stopped, reject } = Promise.withResolvers<never>();
  const onAbort = () => reject(stop.reason as Error);
  stop.addEventListener('abort', onAbort, { once: true });
  if (stop.aborted) onAbort();
  try {
    return await Promise.race([call, stopped]);
  } catch (error) {
    if (stop.aborted) throw stop.reason;
    throw statusOf(error) === undefined ? unreachable(error) : error;
  } finally {
    stop.removeEventListener('abort', onAbort);
  }
}

/** The status that the engine answered with, where an error of dockerode's says one. */
export function statusOf(error: unknown): number | undefined {
  const status = (error as { statusCode?: unknown } | undefined)?.statusCode;
  return typeof status === 'number' ? status : undefined;
}

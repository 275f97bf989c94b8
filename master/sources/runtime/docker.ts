// Opens dockerode on one address for one round, with limits on bytes and time. dockerode itself has no size limit and hangs
// when a connection ends within an answer; both are fixed here through its agent.
import type http from 'node:http';
import https from 'node:https';
import type Docker from 'dockerode';
import { fault } from '../../../src/errors.ts';
import { nodeHttp } from '../../../src/http/node-http.ts';
import type { Credentials } from './credentials.ts';
import { unreachable } from './transport.ts';

export interface DockerRound {
  readonly docker: Docker;
  /** Awaits a call of dockerode. @throws Fault, or dockerode's error if the engine answered with a status. */
  bounded<T>(call: Promise<T>): Promise<T>;
  close(): void;
}

/** `limit`: maximum bytes of all answers of the round. */
export async function openDocker(
  url: string,
  credentials: Credentials,
  limit: number,
  signal: AbortSignal,
): Promise<DockerRound> {
  // Takes 200 ms to import, and most clusters never need it.
  const { default: Docker } = await import('dockerode');
  const { protocol, hostname, port } = new URL(url);
  const secure = protocol === 'https:';
  const failed = new AbortController();
  const agent = secure
    ? new https.Agent({ keepAlive: true, ...credentials.tls })
    : new nodeHttp.Agent({ keepAlive: true });
  count(agent, limit, () => failed.abort(fault('minion_too_large', { limit })));
  const stop = AbortSignal.any([signal, failed.signal]);
  const docker = new Docker({
    protocol: secure ? 'https' : 'http',
    host: hostname.replace(/^\[(.*)\]$/, '$1'),
    port: port || (secure ? 443 : 80),
    ...(credentials.token === undefined ? {} : { headers: { authorization: `Bearer ${credentials.token}` } }),
    // Its types lack the agent.
    ...({ agent } as object),
  });
  const close = () => agent.destroy();
  stop.addEventListener('abort', close, { once: true });
  return { docker, close, bounded: (call) => bounded(call, stop) };
}

/** Calls `full` when the agent's connections have received more than `limit` bytes in total. */
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

/** The engine's status in an error of dockerode. */
export function statusOf(error: unknown): number | undefined {
  const status = (error as { statusCode?: unknown } | undefined)?.statusCode;
  return typeof status === 'number' ? status : undefined;
}

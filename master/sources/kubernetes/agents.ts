// The connections to one API server. A changed certificate needs new connections; the old ones close when idle.
import type { Agent, AgentOptions } from 'node:http';
import https from 'node:https';
import { nodeHttp } from '../../../src/http/node-http.ts';
import type { Material, Tls } from './credentials.ts';

export interface Agents {
  agentFor(material: Material): Agent;
  close(): void;
}

export function createAgents(secure: boolean, proxy: string | undefined): Agents {
  const socks = proxy?.startsWith('socks') === true;
  const options: AgentOptions = {
    keepAlive: true,
    keepAliveMsecs: 30_000,
    ...(proxy !== undefined && !socks ? throughProxy(proxy) : {}),
  };
  const plain = new nodeHttp.Agent(options);
  const used = new Set<Agent>([plain]);
  let current: { readonly tls: Tls; readonly agent: Agent } | undefined;

  function secureFor(tls: Tls): Agent {
    if (current !== undefined && isSame(current.tls, tls)) return current.agent;
    if (current !== undefined) retire(current.agent);
    current = { tls, agent: new https.Agent({ ...options, ...tls }) };
    used.add(current.agent);
    return current.agent;
  }

  return {
    agentFor(material) {
      if (!socks) return secure ? secureFor(material.tls) : plain;
      used.add(material.agent);
      return material.agent;
    },
    close() {
      for (const agent of used) agent.destroy();
    },
  };
}

function throughProxy(url: string): AgentOptions {
  return { proxyEnv: { HTTP_PROXY: url, HTTPS_PROXY: url } };
}

/** A running watch continues; its connection gets no new requests. */
function retire(agent: Agent): void {
  Object.assign(agent, { keepAlive: false });
  for (const sockets of Object.values(agent.freeSockets)) for (const socket of sockets ?? []) socket.destroy();
}

const fields = ['ca', 'cert', 'key', 'servername', 'rejectUnauthorized'] as const;

function isSame(one: Tls, other: Tls): boolean {
  return fields.every((field) => String(one[field]) === String(other[field]));
}

// The proxy to the API server, if any: from the kubeconfig, otherwise from the environment as Go programs read it.
// https://pkg.go.dev/golang.org/x/net/http/httpproxy#Config
import { BlockList, isIP, isIPv6 } from 'node:net';
import { isName } from '../../../src/fields.ts';
import type { Access, Environment } from './kubeconfig.ts';

/** URL of the proxy: `http:`, `https:` or `socks…:`. */
export function proxyOf({ cluster }: Access, env: Environment): string | undefined {
  const named = cluster['proxy-url'];
  if (isName(named)) return named;
  const server = new URL(cluster.server);
  const variable = server.protocol === 'https:' ? 'HTTPS_PROXY' : 'HTTP_PROXY';
  const proxy = env[variable] || env[variable.toLowerCase()];
  if (!isName(proxy) || isSpared(server, env.NO_PROXY || env.no_proxy || '')) return undefined;
  return proxy.includes('://') ? proxy : `http://${proxy}`;
}

function isSpared(server: URL, list: string): boolean {
  const host = server.hostname.replace(/^\[|\]$/g, '');
  if (host === 'localhost' || /^127\.|^::1$/.test(host)) return true;
  return list.split(',').some((entry) => covers(entry.trim().toLowerCase(), host, server.port));
}

function covers(entry: string, host: string, port: string): boolean {
  if (entry === '') return false;
  if (entry === '*') return true;
  if (entry.includes('/')) return isIP(host) !== 0 && inRange(entry, host);
  const [, name = entry, onPort] = /^(.*?)(?::(\d+))?$/.exec(isIPv6(entry) ? '' : entry) ?? [];
  if (onPort !== undefined && onPort !== port) return false;
  const domain = name.replace(/^\*?\./, '');
  return host === domain ? !name.startsWith('.') : host.endsWith(`.${domain}`) && isIP(host) === 0;
}

function inRange(range: string, host: string): boolean {
  const [network = '', bits = ''] = range.split('/');
  if (isIP(network) === 0 || isIP(network) !== isIP(host)) return false;
  const family = isIPv6(host) ? 'ipv6' : 'ipv4';
  const list = new BlockList();
  list.addSubnet(network, Number(bits), family);
  return list.check(host, family);
}

// The image's HEALTHCHECK: asks the neighbouring process, whatever its settings, whether it is alive.
import { readFileSync } from 'node:fs';
import { request as overHttps } from 'node:https';
import { type Config, readConfig } from '../settings/config.ts';
import { nodeHttp } from './node-http.ts';

const timeout = 4000;

/** The process's URL within its own container. */
export function probeUrl({ host, port, tlsCertFile }: Pick<Config, 'host' | 'port' | 'tlsCertFile'>): string {
  const bare = host.replace(/^\[(.*)\]$/, '$1');
  const near = bare === '0.0.0.0' ? '127.0.0.1' : bare === '::' ? '::1' : bare;
  const name = near.includes(':') ? `[${near}]` : near;
  return `${tlsCertFile === undefined ? 'http' : 'https'}://${name}:${port}/healthz`;
}

/** Arguments after main.ts in a command line from /proc: the mode may be given only there. */
export function argumentsOf(commandLine: string): string[] {
  const words = commandLine.split('\0').filter((word) => word !== '');
  const script = words.findIndex((word) => word.endsWith('main.ts'));
  return script < 0 ? [] : words.slice(script + 1);
}

/** Alive is any answer that is no server error, also a request for a token. */
export function probe(url: string): Promise<boolean> {
  return new Promise((resolve) => {
    const request = url.startsWith('https:') ? overHttps : nodeHttp.request;
    // The container's own address: no other server can answer there, and its name is in no certificate.
    const asking = request(url, { timeout, rejectUnauthorized: false }, (answer) => {
      answer.resume();
      resolve((answer.statusCode ?? 500) < 500);
    });
    asking.on('timeout', () => asking.destroy());
    // A server that requires a client certificate has answered too.
    asking.on('error', ({ message }) => resolve(/certificate required/i.test(message)));
    asking.end();
  });
}

function firstProcess(): string {
  try {
    return readFileSync('/proc/1/cmdline', 'utf8');
  } catch {
    return '';
  }
}

if (import.meta.main) {
  const config = readConfig(undefined, argumentsOf(firstProcess()));
  process.exitCode = (await probe(probeUrl(config))) ? 0 : 1;
}

// One end of a connection.

export interface Address {
  readonly host: string;
  readonly port: number;
}

export function textOf({ host, port }: Address): string {
  return host.includes(':') ? `[${host}]:${port}` : `${host}:${port}`;
}

export function endsOf(source: Address, target: Address): string {
  return `${textOf(source)} ${textOf(target)}`;
}

export function isLoopback(host: string): boolean {
  return host.startsWith('127.') || host === '::1';
}

/** Loopback stays within a Pod, and link-local addresses mean nothing elsewhere. */
export function isCounted(host: string): boolean {
  return !isLoopback(host) && !/^(?:169\.254\.|fe[89ab][0-9a-f]:|0\.0\.0\.0$|::$)/.test(host);
}

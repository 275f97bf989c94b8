// `/livez`, `/readyz` and `/healthz` of the fake API server, with `?verbose` and `?exclude`.

const checks = ['ping', 'log', 'etcd', 'informer-sync', 'poststarthook/start-apiextensions-informers', 'shutdown'];

export interface HealthAnswer {
  readonly code: number;
  readonly text: string;
}

/** Undefined for any other path. `failing`: names of failing checks. */
export function healthAnswer(url: URL, failing: ReadonlySet<string>): HealthAnswer | undefined {
  const [, endpoint = '', ...single] = url.pathname.split('/');
  if (!['livez', 'readyz', 'healthz'].includes(endpoint)) return undefined;
  const wanted =
    single.length > 0
      ? [single.join('/')]
      : checks.filter((check) => !url.searchParams.getAll('exclude').includes(check));
  const bad = wanted.filter((check) => failing.has(check));
  if (bad.length === 0 && !url.searchParams.has('verbose')) return { code: 200, text: 'ok' };
  const lines = wanted.map((check) => (failing.has(check) ? `[-]${check} failed: reason withheld` : `[+]${check} ok`));
  const verdict = bad.length > 0 ? `${endpoint} check failed` : `${endpoint} check passed`;
  return { code: bad.length > 0 ? 500 : 200, text: `${[...lines, verdict].join('\n')}\n` };
}

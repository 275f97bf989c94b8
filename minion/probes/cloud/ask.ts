// One request to a metadata service, limited in time and size, without redirects.

export interface Asking {
  readonly fetch: typeof fetch;
  /** `http://169.254.169.254`, without a trailing slash. */
  readonly base: string;
  /** Milliseconds. */
  readonly timeout: number;
}

const largestAnswer = 65_536;

export interface Question {
  readonly method?: 'GET' | 'PUT';
  readonly headers?: { readonly [name: string]: string };
}

/** Undefined if the service does not have it. @throws Error if it does not answer properly. */
export async function ask(asking: Asking, path: string, { method = 'GET', headers = {} }: Question = {}) {
  const response = await asking.fetch(asking.base + path, {
    method,
    headers,
    redirect: 'error',
    signal: AbortSignal.timeout(asking.timeout),
  });
  const text = await bounded(response);
  if (response.status === 404) return undefined;
  if (!response.ok) throw new Error(`the metadata service answered ${response.status} to ${path}`);
  return text;
}

async function bounded(response: Response): Promise<string> {
  const chunks: Uint8Array[] = [];
  let size = 0;
  for await (const chunk of response.body ?? []) {
    size += chunk.length;
    if (size > largestAnswer) throw new Error('the metadata service answered more than is read');
    chunks.push(chunk);
  }
  return Buffer.concat(chunks).toString('utf8');
}

/** A short string; undefined otherwise. */
export function short(value: unknown): string | undefined {
  if (typeof value === 'number') return String(value);
  return typeof value === 'string' && value !== '' && value.length <= 253 && /^[\x20-\x7e]+$/.test(value)
    ? value
    : undefined;
}

/** The part after the last slash: `projects/1/zones/europe-west1-b`. */
export function lastPart(value: string | undefined): string | undefined {
  return short(value?.split('/').at(-1));
}

/** Without undefined entries. */
export function known<T extends object>(fields: { [key in keyof T]: T[key] | undefined }): T {
  return Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== undefined)) as T;
}

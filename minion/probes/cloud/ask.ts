// One question to a metadata service: bounded in time and size, and never led elsewhere.

export interface Asking {
  readonly fetch: typeof fetch;
  /** `http://169.254.169.254`, without a slash at its end. */
  readonly base: string;
  /** Milliseconds. */
  readonly timeout: number;
}

const largestAnswer = 65_536;

export interface Question {
  readonly method?: 'GET' | 'PUT';
  readonly headers?: { readonly [name: string]: string };
}

/** Undefined where the service says that it does not have it. @throws Error where it does not answer, or not like that. */
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

/** A short text; undefined for what is none. */
export function short(value: unknown): string | undefined {
  if (typeof value === 'number') return String(value);
  return typeof value === 'string' && value !== '' && value.length <= 253 && /^[\x20-\x7e]+$/.test(value)
    ? value
    : undefined;
}

/** What stands behind the last slash: `projects/1/zones/europe-west1-b`. */
export function lastPart(value: string | undefined): string | undefined {
  return short(value?.split('/').at(-1));
}

/** Without the entries that are undefined. */
export function known<T extends object>(fields: { [key in keyof T]: T[key] | undefined }): T {
  return Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== undefined)) as T;
}

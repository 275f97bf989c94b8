// A store in S3 or compatible services, with requests signed by aws4 (signature version 4). Path style, which all
// compatible servers accept. https://docs.aws.amazon.com/AmazonS3/latest/API/sig-v4-header-based-auth.html
import { createHash } from 'node:crypto';
import aws4 from 'aws4';
import { createBackoff, sleep } from '../../../src/backoff.ts';
import type { Answered, Requests } from '../../../src/http/client.ts';
import { SendFailure } from '../failure.ts';
import type { ReadKeys } from './keys.ts';
import type { Store } from './store.ts';

export interface S3Options {
  readonly requests: Requests;
  /** Without a trailing slash. */
  readonly url: string;
  readonly region: string;
  readonly bucket: string;
  /** Empty, or without slashes at its ends. */
  readonly prefix: string;
  readonly keys: ReadKeys;
  readonly signal: AbortSignal;
  readonly delay?: (ms: number, signal: AbortSignal) => Promise<void>;
}

const mostTries = 6;

export function s3Store(options: S3Options): Store {
  const { requests, bucket, prefix } = options;
  const send = createSigned(options);
  return {
    name: `s3://${bucket}/${prefix}`,
    async write(path, body) {
      const answer = await send('PUT', path, body);
      if (answer.status !== 200) throw refusal('PUT', path, answer);
    },
    async read(path) {
      const answer = await send('GET', path);
      if (answer.status === 404) return undefined;
      if (answer.status !== 200) throw refusal('GET', path, answer);
      return Buffer.from(answer.text);
    },
    // Not all servers support locks. Runs have separate names, and the last to finish wins.
    lock: async () => undefined,
    touch: async () => undefined,
    unlock: async () => undefined,
    close: () => requests.close(),
  };
}

function createSigned({ requests, url, region, bucket, prefix, keys, signal, delay = sleep }: S3Options) {
  const base = new URL(url);
  const root = base.pathname.replace(/\/$/, '');
  const once = async (method: 'PUT' | 'GET', path: string, body?: Buffer): Promise<Answered> => {
    const key = [bucket, ...prefix.split('/'), ...path.split('/')]
      .filter((part) => part !== '')
      .map(encoded)
      .join('/');
    const { accessKey, secretKey } = await keys();
    const content = body ?? Buffer.alloc(0);
    const { headers = {} } = aws4.sign(
      {
        service: 's3',
        region,
        method,
        host: base.host,
        path: `${root}/${key}`,
        headers: {
          'X-Amz-Content-Sha256': createHash('sha256').update(content).digest('hex'),
          ...(body ? { 'Content-Type': 'application/octet-stream', 'Content-Length': body.length } : {}),
        },
      },
      { accessKeyId: accessKey, secretAccessKey: secretKey },
    );
    const target = new URL(base);
    target.pathname = `${root}/${key}`;
    return requests.send({ method, url: target, headers: headers as { [name: string]: string }, body });
  };
  return async (method: 'PUT' | 'GET', path: string, body?: Buffer): Promise<Answered> => {
    const backoff = createBackoff({ base: 500, cap: 15_000 });
    for (let tries = 1; ; tries++) {
      const answer = await once(method, path, body).catch((error: unknown) => failed(error, signal));
      const passes = answer instanceof SendFailure || answer.status >= 500 || answer.status === 429;
      if (!passes) return answer;
      if (tries >= mostTries) throw answer instanceof SendFailure ? answer : refusal(method, path, answer);
      await delay(backoff.next(), signal);
      signal.throwIfAborted();
    }
  };
}

function failed(error: unknown, signal: AbortSignal): SendFailure {
  signal.throwIfAborted();
  const { code, message } = error as NodeJS.ErrnoException;
  if (code === 'bad_setting' || /CERT|SELF_SIGNED|LEAF_SIGNATURE|ALTNAME/.test(String(code))) throw error;
  return new SendFailure('unreachable', `it cannot be reached: ${code ?? message}`, error);
}

/** Encoded once more for S3 keys: cluster ids are encoded already. */
function encoded(part: string): string {
  return encodeURIComponent(part).replace(/[!'()*]/g, (sign) => `%${sign.charCodeAt(0).toString(16).toUpperCase()}`);
}

function refusal(method: string, path: string, { status, text }: Answered): SendFailure {
  const code = /<Code>([A-Za-z]+)<\/Code>/.exec(text)?.[1];
  return new SendFailure(
    status === 401 || status === 403 ? 'unauthorized' : 'refused',
    `it answered ${method} ${path} with status ${status}${code ? `: ${code}` : ''}`,
  );
}

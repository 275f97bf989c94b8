// Helm releases from Helm's Secrets: base64 of gzip of JSON, base64-encoded again like all Secrets.
// https://helm.sh/docs/topics/advanced/#secrets-storage-backend
import { promisify } from 'node:util';
import { gunzip as gunzipWith } from 'node:zlib';
import { type Fields, fieldsOf, isName, isRecord, listOf } from '../../../src/fields.ts';
import { ApiFailure, explain, failureOf } from '../../sources/kubernetes/api-failure.ts';
import type { Client } from '../../sources/kubernetes/client.ts';
import type { Choice } from '../choice.ts';
import type { TypeOutcome } from '../manifest.ts';
import type { Item } from '../pages.ts';
import { sentRelease } from './sent-release.ts';

const gunzip = promisify(gunzipWith);
/** A Secret has at most 1 MiB, but may decompress to anything. */
const mostBytes = 32 << 20;
const pageLimit = 500;
const states: ReadonlySet<unknown> = new Set(['deployed', 'failed']);
const metadataOnly = 'application/json;as=PartialObjectMetadataList;g=meta.k8s.io;v=v1';

interface Found {
  readonly namespace: string;
  /** Name of the Secret. */
  readonly secret: string;
  readonly version: number;
}

export interface HelmOptions {
  readonly client: Client;
  readonly choice: Choice;
  readonly signal: AbortSignal;
}

export interface HelmReleases {
  readonly outcome: TypeOutcome;
  readonly releases: readonly Item[];
}

/** Rejects only for `signal`: without the right to read Secrets the rest continues. */
export async function helmReleases(options: HelmOptions): Promise<HelmReleases> {
  const releases: Item[] = [];
  const broken: string[] = [];
  try {
    for (const found of (await newest(options)).toSorted(inOrder)) {
      const read = await release(found, options);
      if (typeof read === 'string') broken.push(`${found.namespace}/${found.secret}: ${read}`);
      else releases.push(read);
    }
  } catch (error) {
    options.signal.throwIfAborted();
    const forbidden = error instanceof ApiFailure && error.status === 403;
    return { outcome: { state: forbidden ? 'forbidden' : 'failed', objects: 0, reason: explain(error) }, releases: [] };
  }
  if (broken.length === 0) return { outcome: { state: 'complete', objects: releases.length }, releases };
  return { outcome: { state: 'failed', objects: releases.length, reason: broken.slice(0, 5).join('; ') }, releases };
}

function inOrder(a: Found, b: Found): number {
  return `${a.namespace}/${a.secret}` < `${b.namespace}/${b.secret}` ? -1 : 1;
}

/** The newest Secret of each deployed or failed release, by metadata only. */
async function newest({ client, choice, signal }: HelmOptions): Promise<Found[]> {
  const found = new Map<string, Found>();
  let token = '';
  do {
    const query = new URLSearchParams({
      labelSelector: 'owner=helm',
      limit: String(pageLimit),
      ...(token && { continue: token }),
    });
    const answer = await client.get(`/api/v1/secrets?${query}`, {
      headers: { accept: metadataOnly },
      signal,
      purpose: 'Helm releases',
    });
    if (answer.status !== 200) throw failureOf(answer);
    const list = fieldsOf(JSON.parse(answer.body.toString()));
    for (const item of listOf(list?.['items'])) see(fieldsOf(fieldsOf(item)?.['metadata']), choice, found);
    const next = String(fieldsOf(list?.['metadata'])?.['continue'] ?? '');
    if (next !== '' && next === token) throw new ApiFailure(502, 'the list goes round in a circle');
    token = next;
  } while (token !== '');
  return [...found.values()];
}

function see(metadata: Fields | undefined, choice: Choice, found: Map<string, Found>): void {
  const labels = fieldsOf(metadata?.['labels']);
  const { name: secret, namespace } = metadata ?? {};
  if (!isName(secret) || !isName(namespace) || !isName(labels?.['name']) || !states.has(labels['status'])) return;
  if (!choice.namespace(namespace)) return;
  const version = Number(labels['version']) || 0;
  const key = `${namespace}/${labels['name']}`;
  if ((found.get(key)?.version ?? -1) < version) found.set(key, { namespace, secret, version });
}

/** Or why not. A Secret deleted meanwhile yields none. */
async function release({ namespace, secret }: Found, { client, signal }: HelmOptions): Promise<Item | string> {
  const path = `/api/v1/namespaces/${encodeURIComponent(namespace)}/secrets/${encodeURIComponent(secret)}`;
  const answer = await client.get(path, { signal, purpose: 'Helm releases' });
  if (answer.status === 404) return 'it is gone';
  if (answer.status !== 200) throw failureOf(answer);
  try {
    const object = fieldsOf(JSON.parse(answer.body.toString()));
    const packed = Buffer.from(String(fieldsOf(object?.['data'])?.['release'] ?? ''), 'base64').toString();
    const text = await gunzip(Buffer.from(packed, 'base64'), { maxOutputLength: mostBytes });
    const decoded: unknown = JSON.parse(text.toString());
    if (!isRecord(decoded)) return 'it holds no release';
    return {
      id: `helm release ${namespace}/${secret}`,
      bytes: Buffer.from(JSON.stringify(sentRelease({ ...decoded }))),
    };
  } catch {
    // The text itself is confidential.
    return 'it cannot be decoded';
  }
}

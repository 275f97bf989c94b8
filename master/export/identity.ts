// Identifies the cluster by the UID of Namespace kube-system, which exists in every cluster and is unique.
import { fieldsOf, isName } from '../../src/fields.ts';
import type { Client } from '../sources/kubernetes/client.ts';
import { SendFailure } from './failure.ts';
import type { GraphSource } from './graph-source.ts';

/** For a cluster that cannot be asked; distinguishes it from no other. */
export const unknownUid = 'unknown';

/** Undefined without the right to read it. @throws ApiFailure, or SendFailure without an answer. */
export async function uidOf(client: Client, signal: AbortSignal): Promise<string | undefined> {
  const answer = await client.get('/api/v1/namespaces/kube-system', { signal, purpose: 'identity of the cluster' });
  if (answer.status >= 500 || answer.status === 401)
    throw new SendFailure('unreachable', `${client.server} answered with status ${answer.status}`);
  return answer.status === 200 ? uidIn(fieldsOf(JSON.parse(answer.body.toString()))?.['metadata']) : undefined;
}

/** According to a running master. */
export async function uidOfMaster(source: GraphSource): Promise<string | undefined> {
  const { status, body } = await source.ask('/cluster/resources/Namespace/kube-system');
  const parts: Buffer[] = [];
  for await (const part of body) parts.push(part);
  if (status === 401 || status === 403)
    throw new SendFailure('unauthorized', `the master answered with status ${status}`);
  if (status >= 500) throw new SendFailure('unreachable', `the master answered with status ${status}`);
  if (status !== 200) return undefined;
  const answer = fieldsOf(JSON.parse(Buffer.concat(parts).toString()));
  const resource =
    fieldsOf(answer?.['resource']) ?? fieldsOf((answer?.['resources'] as unknown[] | undefined)?.[0]) ?? answer;
  return uidIn(fieldsOf(resource?.['properties'])?.['metadata']);
}

function uidIn(metadata: unknown): string | undefined {
  const uid = fieldsOf(metadata)?.['uid'];
  return isName(uid) ? uid : undefined;
}

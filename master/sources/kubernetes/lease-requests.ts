// Reads, creates and updates one Lease: the only object that a master ever writes to a cluster, and only where a setting names
// it. https://kubernetes.io/docs/concepts/architecture/leases/
import { isRecord } from '../../../src/fields.ts';
import type { KubernetesObject } from '../../../src/model.ts';
import { ApiFailure, failureOf } from './api-failure.ts';
import type { Answer, Outgoing } from './connection.ts';

export interface LeaseName {
  readonly namespace: string;
  readonly name: string;
}

/** `spec` of a Lease as it is written. */
export interface LeaseSpec {
  /** Empty: nobody holds it. */
  readonly holderIdentity: string;
  readonly leaseDurationSeconds: number;
  /** RFC 3339 with microseconds. */
  readonly acquireTime: string;
  readonly renewTime: string;
  readonly leaseTransitions: number;
}

/** A Lease as the API server stores it: `spec` is what somebody wrote, or undefined. */
export interface StoredLease {
  readonly object: KubernetesObject;
  readonly spec: { readonly [field: string]: unknown };
}

/** All reject with an ApiFailure for a refusal, or with the connection's error. */
export interface LeaseRequests {
  /** Undefined if there is none. */
  read(signal: AbortSignal): Promise<StoredLease | undefined>;
  create(spec: LeaseSpec, signal: AbortSignal): Promise<StoredLease>;
  /** Refused with 409 if the Lease is no longer `stored`. */
  update(stored: StoredLease, spec: LeaseSpec, signal: AbortSignal): Promise<StoredLease>;
}

const apiVersion = 'coordination.k8s.io/v1';
const kind = 'Lease';
/** In bytes: labels and annotations of others may lie beside the few fields. */
const limit = 1 << 20;

export function leaseRequests(
  send: (request: Outgoing) => Promise<Answer>,
  { namespace, name }: LeaseName,
): LeaseRequests {
  const all = `/apis/${apiVersion}/namespaces/${namespace}/leases`;
  const one = `${all}/${name}`;
  const ask = (request: Pick<Outgoing, 'method' | 'path' | 'body'>, signal: AbortSignal) =>
    send({ ...request, signal, limit, purpose: 'lease of the publisher' });
  return {
    async read(signal) {
      const answer = await ask({ method: 'GET', path: one }, signal);
      return answer.status === 404 ? undefined : storedIn(answer);
    },
    async create(spec, signal) {
      const body = JSON.stringify({ apiVersion, kind, metadata: { namespace, name }, spec });
      return storedIn(await ask({ method: 'POST', path: all, body }, signal));
    },
    async update({ object }, spec, signal) {
      // What others wrote beside our fields stays.
      const before = isRecord(object['spec']) ? object['spec'] : {};
      const body = JSON.stringify({ ...object, spec: { ...before, ...spec } });
      return storedIn(await ask({ method: 'PUT', path: one, body }, signal));
    },
  };
}

/** @throws ApiFailure for any other answer. */
function storedIn(answer: Answer): StoredLease {
  if (answer.status !== 200 && answer.status !== 201) throw failureOf(answer);
  const object = parsed(answer.body.toString());
  if (!isRecord(object) || object['kind'] !== kind || !isRecord(object['metadata']))
    throw new ApiFailure(502, 'the API server answered with something that is not a Lease');
  const { spec } = object;
  return { object: object as unknown as KubernetesObject, spec: isRecord(spec) ? spec : {} };
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

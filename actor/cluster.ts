// The actor's reads and patches: the only place in the project that changes objects of a cluster.

import { explain } from '../master/sources/kubernetes/api-failure.ts';
import { type Answer, type Connection, type Outgoing, whole } from '../master/sources/kubernetes/connection.ts';
import { isRecord, itemsOf } from '../src/fields.ts';
import type { KubernetesObject } from '../src/model.ts';
import { redactText } from '../src/redact.ts';
import type { Target } from './action.ts';
import type { Patch } from './kinds/kind.ts';

/** Field manager of the fields that are set. */
export const fieldManager = 'cluster-insight-actor';

export type Place = Pick<Target, 'kind' | 'namespace' | 'name'>;

export interface PatchOptions {
  readonly subresource?: 'scale' | 'resize' | undefined;
  /** Validated, with admission, but not stored. */
  readonly dryRun: boolean;
  readonly purpose: string;
}

/** An unsuccessful answer, or none. */
export class ClusterFailure extends Error {
  /** 0 without an answer: then it is unknown whether the change was made. */
  readonly status: number;

  constructor(status: number, message: string, cause?: unknown) {
    super(message, cause === undefined ? undefined : { cause });
    this.name = 'ClusterFailure';
    this.status = status;
  }

  /** Whether a retry may succeed. */
  get isPassing(): boolean {
    return this.status === 0 || this.status === 429 || this.status >= 500;
  }
}

export const plurals: {
  readonly [kind: string]: { readonly root: string; readonly group: string; readonly plural: string };
} = {
  Deployment: { root: '/apis/apps/v1', group: 'apps', plural: 'deployments' },
  StatefulSet: { root: '/apis/apps/v1', group: 'apps', plural: 'statefulsets' },
  DaemonSet: { root: '/apis/apps/v1', group: 'apps', plural: 'daemonsets' },
  Pod: { root: '/api/v1', group: '', plural: 'pods' },
};

/** Maximum bytes of an answer: objects are smaller, and lists have a `limit`. */
const limit = 8 * 2 ** 20;
const idle = 20_000;

export class Cluster {
  readonly #connection: Pick<Connection, 'send'>;

  constructor(connection: Pick<Connection, 'send'>) {
    this.#connection = connection;
  }

  /** @throws ClusterFailure */
  async read(place: Place, purpose: string): Promise<KubernetesObject> {
    return objectIn(await this.#send({ method: 'GET', path: pathOf(place), purpose }));
  }

  /** @throws ClusterFailure */
  async patch(place: Place, patch: Patch, { subresource, dryRun, purpose }: PatchOptions): Promise<KubernetesObject> {
    const query = new URLSearchParams({ fieldManager, fieldValidation: 'Strict', ...(dryRun && { dryRun: 'All' }) });
    const path = `${pathOf(place)}${subresource === undefined ? '' : `/${subresource}`}?${query.toString()}`;
    // Scale has no patch strategy, and no lists.
    const form = subresource === 'scale' ? 'merge-patch' : 'strategic-merge-patch';
    const body = JSON.stringify(patch);
    return objectIn(
      await this.#send({ method: 'PATCH', path, body, contentType: `application/${form}+json`, purpose }),
    );
  }

  /**
   * All objects of a resource in a namespace; none if the API server does not serve it.
   * @throws ClusterFailure, also if there are more than the limit.
   */
  async list(root: string, namespace: string, plural: string, purpose: string): Promise<readonly KubernetesObject[]> {
    const path = `${root}/namespaces/${encodeURIComponent(namespace)}/${plural}?limit=1000`;
    try {
      const list = JSON.parse((await this.#send({ method: 'GET', path, purpose })).body.toString()) as unknown;
      if (!isRecord(list)) throw new ClusterFailure(502, `${path} is answered with no list`);
      if (isRecord(list['metadata']) && list['metadata']['continue'])
        throw new ClusterFailure(413, `there are more than 1000 ${plural} in ${namespace}`);
      return itemsOf(list['items'] as KubernetesObject[]).filter((each) => isRecord(each)) as KubernetesObject[];
    } catch (error) {
      if (error instanceof ClusterFailure && error.status === 404) return [];
      throw error;
    }
  }

  /** Whether the API server has the subresource: `pods/resize`. @throws ClusterFailure */
  async serves(root: string, name: string): Promise<boolean> {
    const { body } = await this.#send({ method: 'GET', path: root, purpose: 'discovery' });
    const list = JSON.parse(body.toString()) as { readonly resources?: unknown[] };
    return itemsOf(list.resources).some((each) => isRecord(each) && each['name'] === name);
  }

  /** The status of a review. @throws ClusterFailure */
  async review(
    kind: 'TokenReview' | 'SubjectAccessReview',
    spec: object,
    purpose: string,
  ): Promise<{ readonly [field: string]: unknown }> {
    const [apiVersion, plural] =
      kind === 'TokenReview'
        ? ['authentication.k8s.io/v1', 'tokenreviews']
        : ['authorization.k8s.io/v1', 'subjectaccessreviews'];
    const body = JSON.stringify({ apiVersion, kind, spec });
    const { status } = objectIn(
      await this.#send({ method: 'POST', path: `/apis/${apiVersion}/${plural}`, body, purpose }),
    );
    return isRecord(status) ? status : {};
  }

  async #send(request: Outgoing): Promise<Answer> {
    const answer = await this.#connection
      .send({ ...request, idle })
      .then((stream) => whole(stream, limit))
      .catch((cause: unknown) => {
        throw new ClusterFailure(0, explain(cause), cause);
      });
    if (answer.status >= 200 && answer.status < 300) return answer;
    throw new ClusterFailure(answer.status, messageOf(answer));
  }
}

export function pathOf({ kind, namespace, name }: Place): string {
  const place = plurals[kind];
  if (place === undefined) throw new Error(`no path is known of a ${kind}`);
  return `${place.root}/namespaces/${encodeURIComponent(namespace)}/${place.plural}/${encodeURIComponent(name)}`;
}

function objectIn({ body }: Answer): KubernetesObject {
  try {
    const object: unknown = JSON.parse(body.toString());
    if (isRecord(object) && isRecord(object['metadata'])) return object as unknown as KubernetesObject;
  } catch {
    // Handled below.
  }
  throw new ClusterFailure(502, 'the API server answered what cannot be understood');
}

function messageOf({ status, body }: Answer): string {
  try {
    const { message } = JSON.parse(body.toString()) as { readonly message?: unknown };
    // An admission webhook may repeat values of the object.
    if (typeof message === 'string' && message !== '') return redactText(message).slice(0, 2000);
  } catch {
    // Handled below.
  }
  return `the API server answers ${status}`;
}

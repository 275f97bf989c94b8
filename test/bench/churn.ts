// Changes a generated cluster a thousand times a second. Each change carries the time of its writing, so that a reader can
// measure the delay. The mix is that of a real cluster: mostly Pods' status, ends and replacements, EndpointSlices, Deployments'
// status, and Node heartbeats, which do not change the graph.
import type { ApiServer } from '../../src/demo/api-server.ts';
import type { Generated } from './generate.ts';

export interface Churned {
  readonly kind: 'churned';
  /** Writes in all, and those whose mark must become visible. */
  readonly writes: number;
  readonly marked: number;
  readonly seconds: number;
  /** The longest delay of a write behind its schedule, in milliseconds. */
  readonly behind: number;
}

/** A write that readers may wait for. */
export interface Sample {
  readonly kind: 'sample';
  readonly type: string;
  readonly path: string;
  readonly mark: number;
  /** Milliseconds since the epoch, with fractions. */
  readonly at: number;
}

/** The mark in an object's annotations. */
export const markPattern = /"bench\/written":"(\d+)@([\d.]+)"/g;

export const now = (): number => performance.timeOrigin + performance.now();

const changing = new Set(['pods', 'endpointslices.discovery.k8s.io', 'deployments.apps', 'nodes']);

/** If a namespace is given, changes only its objects, and Nodes. */
export function createChurn(server: ApiServer, generated: readonly Generated[], namespace?: string) {
  const of = new Map(
    generated.filter(({ resource }) => changing.has(resource)).map((each) => [each.resource, within(each, namespace)]),
  );
  let marks = 0;
  let writes = 0;

  function text(resource: string, i: number): string {
    const each = of.get(resource) as Generated;
    return each.object(i % each.count).toString();
  }

  function send(resource: string, type: 'ADDED' | 'MODIFIED' | 'DELETED', object: string): void {
    const versioned = object.replace(/"resourceVersion":"\d+"/, `"resourceVersion":"${server.version() + 1}"`);
    const line = `{"type":"${type}","object":${versioned}}`;
    // A bookmark prevents the first burst of ADDED from being loaded without events.
    server.replay(resource, `{"type":"BOOKMARK","object":{"metadata":{"resourceVersion":"0"}}}\n${line}`).rest();
    writes++;
  }

  function marked(object: string, report?: (sample: Sample) => void, type = 'Pod'): string {
    const at = now();
    const mark = ++marks;
    const annotation = `"bench/written":"${mark}@${at.toFixed(2)}"`;
    const [, name, namespace] = /^\{"metadata":\{"name":"([^"]+)","namespace":"([^"]+)"/.exec(object) ?? [];
    report?.({ kind: 'sample', type, path: `${namespace}/${name}`, mark, at });
    if (object.includes('"annotations":{')) return object.replace('"annotations":{', `"annotations":{${annotation},`);
    return object.replace('{"metadata":{', `{"metadata":{"annotations":{${annotation}},`);
  }

  /** Consecutive `i` are far apart, so that consecutive changes hit unrelated objects. */
  function step(n: number, report: ((sample: Sample) => void) | undefined): void {
    const i = (n * 7919) % 1_000_003;
    const kind = n % 20;
    const pods = (of.get('pods') as Generated).count;
    if (kind < 13) return send('pods', 'MODIFIED', marked(withRestarts(text('pods', i), n), report));
    if (kind < 15) {
      const pod = text('pods', i % pods);
      send('pods', 'DELETED', pod);
      return send(
        'pods',
        'ADDED',
        marked(pod.replace(/"uid":"[0-9a-f]{8}/, `"uid":"${n.toString(16).padStart(8, '0')}`)),
      );
    }
    if (kind < 17)
      return send(
        'endpointslices.discovery.k8s.io',
        'MODIFIED',
        marked(unready(text('endpointslices.discovery.k8s.io', i), n)),
      );
    if (kind < 19) return send('deployments.apps', 'MODIFIED', marked(text('deployments.apps', i)));
    const heartbeat = text('nodes', i).replaceAll(
      /"lastHeartbeatTime":"[^"]+"/g,
      `"lastHeartbeatTime":"${new Date().toISOString()}"`,
    );
    send('nodes', 'MODIFIED', heartbeat);
  }

  return {
    /** Resolves with the report after `rate` × `seconds` steps. */
    async run(rate: number, seconds: number, report: (report: Churned | Sample) => void): Promise<void> {
      const began = performance.now();
      let behind = 0;
      for (let n = 0; n < rate * seconds; ) {
        const due = Math.min(rate * seconds, Math.floor(((performance.now() - began) / 1000) * rate));
        behind = Math.max(behind, ((due - n) / rate) * 1000);
        const sampled = n % 100 < due - n;
        for (; n < due; n++) step(n, sampled && n + 1 === due && n % 20 < 13 ? report : undefined);
        await new Promise((resolve) => setTimeout(resolve, 2));
      }
      report({ kind: 'churned', writes, marked: marks, seconds: (performance.now() - began) / 1000, behind });
    },
  };
}

/** The same kind with the objects of one namespace; cluster-wide kinds are unchanged. */
function within(each: Generated, namespace: string | undefined): Generated {
  if (namespace === undefined) return each;
  const mark = `"namespace":"${namespace}"`;
  const found: number[] = [];
  for (let i = 0; i < each.count; i++) if (each.object(i).includes(mark)) found.push(i);
  if (found.length === 0) return each;
  return { ...each, count: found.length, object: (i) => each.object(found[i] as number) };
}

function withRestarts(pod: string, n: number): string {
  return pod.replaceAll(/"restartCount":\d+/g, `"restartCount":${n % 50}`);
}

function unready(slice: string, n: number): string {
  return n % 40 < 20 ? slice.replace('"ready":true', '"ready":false') : slice;
}

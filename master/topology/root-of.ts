// The workload of a resource: its topmost owner, from its own and its controller's references.
import type { Vertex } from '../graph/model/vertex.ts';

/** Longer owner chains are not real. */
const highest = 16;
const ownerships: ReadonlySet<string> = new Set(['owns', 'monitors']);
/** A Node owns mirrors of static Pods, a Service its slices: these are no workloads. */
const noRoots: ReadonlySet<string> = new Set(['Node', 'Service']);

/** Itself if nothing owns it, or if owners form a cycle. */
export function rootOf(vertex: Vertex): Vertex {
  let root = vertex;
  for (let n = 0; n < highest; n++) {
    const owner = ownerOf(root);
    if (!owner) return root;
    root = owner;
  }
  return vertex;
}

function ownerOf(vertex: Vertex): Vertex | undefined {
  for (const { type, source } of vertex.in)
    if (ownerships.has(type) && source.present && !noRoots.has(source.type)) return source;
  return undefined;
}

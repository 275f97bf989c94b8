// The workload that something belongs to: the topmost owner, by what it says itself and by what its controller says.
import type { Vertex } from '../graph/model/vertex.ts';

/** Owners above owners: a longer chain is no real one. */
const highest = 16;
const ownerships: ReadonlySet<string> = new Set(['owns', 'monitors']);
/** A static Pod's mirror is owned by its Node, a slice by its Service: they are no workloads. */
const noRoots: ReadonlySet<string> = new Set(['Node', 'Service']);

/** Itself where nothing owns it, or owners own each other. */
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

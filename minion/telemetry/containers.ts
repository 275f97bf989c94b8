// Containers and services for probes: from the runtime, with control group and processes.
import type { ContainerInspect } from '../../src/docker-api.ts';
import { getOrMake } from '../../src/get-or-make.ts';
import type { Held } from '../inventory/containers.ts';
import { hierarchiesIn, walkCgroups } from '../probes/cgroups/hierarchy.ts';
import type { ProbedContainer, ProbedNode, Round } from '../probes/probe.ts';
import { namesIn, readText } from '../probes/read.ts';
import { ownerInText } from '../probes/tcp/owners.ts';

/** What is read of an inspect, once per container in the inventory. */
type Named = Pick<ProbedContainer, 'id' | 'name' | 'isService' | 'logPath' | 'labels'>;

export class ContainerList {
  readonly #node: ProbedNode;
  readonly #named = new WeakMap<Held, Named>();

  constructor(node: ProbedNode) {
    this.#node = node;
  }

  /** The current state. */
  round(held: readonly Held[], at: number): Round {
    const { found } = walkCgroups(hierarchiesIn(`${this.#node.root}/sys/fs/cgroup`));
    const cgroups = new Map(found.map(({ owner, directories }) => [owner.id, directories]));
    const running = held.filter(({ running: runs }) => runs).map((each) => this.#nameOf(each));
    const services = found.flatMap(({ owner: { kind, id } }) =>
      kind === 'service' ? { id, name: id, isService: true } : [],
    );
    const containers = [...running, ...services].map((each) => ({ ...each, cgroup: cgroups.get(each.id) }));
    let pids: ReadonlyMap<string, readonly number[]> | undefined;
    return {
      at,
      containers,
      pidsOf: ({ id }) => (pids ??= pidsByOwner(this.#node.proc)).get(id) ?? [],
    };
  }

  #nameOf(held: Held): Named {
    const known = this.#named.get(held);
    if (known) return known;
    const made = named(JSON.parse(held.json) as ContainerInspect);
    this.#named.set(held, made);
    return made;
  }
}

function named({ Id: id, Name, Config, LogPath }: ContainerInspect): Named {
  const labels = Config.Labels ?? {};
  const logPath = typeof LogPath === 'string' ? LogPath : undefined;
  return { id, name: nameOf(id, Name, labels), isService: false, labels, logPath };
}

function nameOf(id: string, name: string, labels: { readonly [name: string]: string }): string {
  const [namespace, pod, container] = ['pod.namespace', 'pod.name', 'container.name'].map(
    (label) => labels[`io.kubernetes.${label}`],
  );
  if (namespace && pod && container) return `/k8s/${namespace}/${pod}/${container}`;
  return `/docker/${name.replace(/^\//, '') || id}`;
}

/** Sorted by pid, which is an order of time until numbers wrap. */
function pidsByOwner(proc: string): Map<string, number[]> {
  const owners = new Map<string, number[]>();
  const pids = namesIn(proc)
    .map(Number)
    .filter((pid) => Number.isInteger(pid))
    .toSorted((a, b) => a - b);
  for (const pid of pids) {
    const owner = ownerInText(readText(`${proc}/${pid}/cgroup`) ?? '');
    if (owner !== undefined) getOrMake(owners, owner, () => []).push(pid);
  }
  return owners;
}

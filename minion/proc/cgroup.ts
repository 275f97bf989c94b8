// Which containers a process belongs to, read from `/proc/PID/cgroup`. Drivers and versions write the path in different
// ways; what they have in common is the container's id of 64 hex digits in one of the path's parts:
//   cgroupfs, v1      4:memory:/kubepods/burstable/pod1b2c…/0f7b894c…
//   systemd, v2       0::/kubepods.slice/…/kubepods-burstable-pod1b2c….slice/cri-containerd-0f7b894c….scope
//   systemd, odd      1:name=systemd:/system.slice/containerd.service/kubepods-pod1b2c….slice:cri-containerd:0f7b894c…
//   Docker, Podman    0::/system.slice/docker-0f7b894c….scope   0::/machine.slice/libpod-0f7b894c….scope/container

/** A monitor process beside the container (`crio-conmon-…`, `libpod-conmon-…`) does not belong to it. */
const part = /(?:^|[-:])([0-9a-f]{64})(?:\.scope)?$/;
const monitor = /conmon/;
const anyId = /[0-9a-f]{64}/;

/** Ids of the containers around the process, outermost first: a container may run its own runtime. */
export function containersOfCgroup(text: string): string[] {
  // Most processes of a node belong to no container.
  if (!anyId.test(text)) return [];
  const ids = new Set<string>();
  let last: string | undefined;
  for (const line of text.split('\n')) {
    // hierarchy:controllers:path, and the path may contain colons.
    const path = line.slice(line.indexOf(':', line.indexOf(':') + 1) + 1);
    // The same in most of a dozen hierarchies.
    if (path === last) continue;
    last = path;
    for (const id of idsOfPath(path)) ids.add(id);
  }
  return [...ids];
}

function idsOfPath(path: string): string[] {
  return path.split('/').flatMap((step) => (monitor.test(step) ? [] : (part.exec(step)?.[1] ?? [])));
}

import { describe, expect, test } from 'vitest';
import { containersOfCgroup } from '../../../minion/proc/cgroup.ts';

const id = '0f7b894c19aa12ebefeaef7e5283460275f183d5297d28e7a1c85be3d1342a99';
const inner = '976ec122ae4c13f2d51cf2580aa92452e0011af0e5eb0be650980e20e2d0312a';
const pod = 'podda0409d7-c720-444a-852a-9636797e1f13';
const slice = pod.replaceAll('-', '_');

/** Contents of `/proc/PID/cgroup` from various drivers and versions; the first three are recorded. */
const texts: readonly [string, string, readonly string[]][] = [
  ['Docker, cgroupfs, v1 beside v2', `9:name=systemd:/docker/${id}\n4:memory:/docker/${id}\n0::/docker/${id}\n`, [id]],
  [
    'containerd, cgroupfs, v1',
    `4:memory:/kubepods/burstable/${pod}/${id}\n1:cpu:/kubepods/burstable/${pod}/${id}\n0::/\n`,
    [id],
  ],
  ['Podman, cgroupfs, v1', `9:name=systemd:/libpod_parent/libpod-${id}\n4:memory:/libpod_parent/libpod-${id}\n`, [id]],
  ['containerd, cgroupfs, v2', `0::/kubepods/besteffort/${pod}/${id}\n`, [id]],
  [
    'containerd, systemd, v2',
    `0::/kubepods.slice/kubepods-burstable.slice/kubepods-burstable-${slice}.slice/cri-containerd-${id}.scope\n`,
    [id],
  ],
  [
    'containerd, systemd, v1',
    `12:pids:/kubepods.slice/kubepods-${slice}.slice/cri-containerd-${id}.scope\n1:name=systemd:/kubepods.slice/kubepods-${slice}.slice/cri-containerd-${id}.scope\n`,
    [id],
  ],
  [
    'containerd, systemd paths under the cgroupfs driver',
    `11:memory:/system.slice/containerd.service/kubepods-besteffort-${slice}.slice:cri-containerd:${id}\n`,
    [id],
  ],
  [
    'CRI-O, systemd',
    `0::/kubepods.slice/kubepods-besteffort.slice/kubepods-besteffort-${slice}.slice/crio-${id}.scope\n`,
    [id],
  ],
  [
    'CRI-O, with a cgroup of its own below',
    `0::/kubepods.slice/kubepods-${slice}.slice/crio-${id}.scope/container\n`,
    [id],
  ],
  ['CRI-O, cgroupfs', `0::/kubepods/burstable/${pod}/crio-${id}\n`, [id]],
  ['the monitor of CRI-O, which is no process of the container', `0::/system.slice/crio-conmon-${id}.scope\n`, []],
  ['the monitor of Podman', `0::/machine.slice/libpod-conmon-${id}.scope\n`, []],
  ['Docker, systemd', `0::/system.slice/docker-${id}.scope\n`, [id]],
  ['Docker, systemd inside', `0::/system.slice/docker-${id}.scope/init.scope\n`, [id]],
  ['Podman, systemd', `0::/machine.slice/libpod-${id}.scope/container\n`, [id]],
  ['Podman without root', `0::/user.slice/user-1000.slice/user@1000.service/user.slice/libpod-${id}.scope\n`, [id]],
  [
    'seen from another cgroup namespace',
    `0::/../../kubepods-besteffort-${slice}.slice/cri-containerd-${id}.scope\n`,
    [id],
  ],
  ['a runtime inside a container', `0::/docker/${id}/kubepods/besteffort/${pod}/${inner}\n`, [id, inner]],
  ['a process of the node', '0::/system.slice/sshd.service\n', []],
  ['a process in a cgroup namespace of its own', '0::/\n', []],
  ['a user session', '0::/user.slice/user-0.slice/session-3.scope\n', []],
  ['too short to be an id', `0::/docker/${id.slice(1)}\n`, []],
  ['nothing', '', []],
];

describe('the containers of a cgroup', () => {
  test.each(texts)('are found for %s', (_name, text, expected) => {
    expect(containersOfCgroup(text)).toEqual(expected);
  });
});

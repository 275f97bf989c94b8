// Mounts on block devices from /proc/PID/mountinfo. A container controls this text: its reader limits the size.

export interface DeviceMount {
  /** Mount point in the process's mount namespace. */
  readonly place: string;
  /** `major:minor`. */
  readonly device: string;
  /** `/dev/…`. */
  readonly source: string;
  /** Its root within the file system. */
  readonly root: string;
}

export function deviceMountsOf(text: string): DeviceMount[] {
  return text.split('\n').flatMap((line) => {
    // Most are of no device.
    if (!line.includes(' /dev/')) return [];
    const [before = '', after = ''] = line.split(' - ', 2);
    const [, , device = '', root = '', place = ''] = before.split(' ');
    const [, source = ''] = after.split(' ');
    if (!/^\d+:\d+$/.test(device) || !source.startsWith('/dev/')) return [];
    return { place: unescaped(place), device, source: unescaped(source), root: unescaped(root) };
  });
}

/** Blanks and backslashes are octal escapes: `\040`. */
function unescaped(text: string): string {
  return text.replace(/\\([0-7]{3})/g, (_, octal: string) => String.fromCharCode(Number.parseInt(octal, 8)));
}

const bookkeeping = /^\/(?:etc\/(?:hosts|hostname|resolv\.conf)|dev\/termination-log)$/;

/** One mount per volume, without those that the kubelet adds to every container. */
export function volumesAmong(mounts: readonly DeviceMount[]): DeviceMount[] {
  const byPlace = new Map(mounts.filter(({ place }) => !bookkeeping.test(place)).map((each) => [each.place, each]));
  return [...byPlace.values()];
}

const volumePath = /\/volumes\/(?:kubernetes\.io~[\w.-]+\/([\w.-]+)|([\w.-]+)\/_data)/;

/** The volume's name from its path, if it has one. */
export function volumeNameOf({ root }: Pick<DeviceMount, 'root'>): string {
  const [, pod, docker] = volumePath.exec(root) ?? [];
  return pod ?? docker ?? '';
}

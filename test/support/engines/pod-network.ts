// A network for two pods of a containerd without CNI plugins of the machine: a virtual cable between them, which disappears with
// either one.
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

/** Required programs. */
export const networkPrograms = ['ip', 'nsenter'] as const;

/** Addresses of the first and the second pod, which exist only in these two. */
export const podAddresses = ['10.98.7.1', '10.98.7.2'] as const;

/** Creates the plugins and their configuration below `dir`, where the containerd of tests looks for them. */
export function makePodNetwork(dir: string): void {
  for (const folder of ['bin', 'conf']) mkdirSync(join(dir, 'cni', folder), { recursive: true });
  const write = (name: string, text: string) =>
    writeFileSync(join(dir, 'cni/bin', name), `#!/bin/sh\nset -eu\n${versions}\n${text}`, { mode: 0o755 });
  write('insight-cable', cable(`ci${process.pid}`));
  write('loopback', loopback);
  const plugin = { type: 'insight-cable' };
  const network = { cniVersion: '0.4.0', name: 'insight', plugins: [plugin] };
  writeFileSync(join(dir, 'cni/conf/10-insight.conflist'), JSON.stringify(network));
}

const versions = `if [ "$CNI_COMMAND" = VERSION ]; then
  echo '{"cniVersion":"0.4.0","supportedVersions":["0.3.1","0.4.0"]}'
  exit 0
fi
[ "$CNI_COMMAND" = ADD ] || exit 0
inside() { nsenter --net="$CNI_NETNS" "$@"; }`;

/** `link`: prefix of the names of its ends, unused on the machine. */
function cable(link: string): string {
  return `if ip link show ${link}b >/dev/null 2>&1; then
  end=${link}b address=${podAddresses[1]}
else
  ip link add ${link}a type veth peer name ${link}b
  end=${link}a address=${podAddresses[0]}
fi
ip link set "$end" netns "\${CNI_NETNS##*/}"
inside ip link set "$end" name "$CNI_IFNAME"
inside ip addr add "$address/24" dev "$CNI_IFNAME"
inside ip link set "$CNI_IFNAME" up
printf '{"cniVersion":"0.4.0","interfaces":[{"name":"%s","sandbox":"%s"}],"ips":[{"version":"4","interface":0,"address":"%s/24"}]}' \\
  "$CNI_IFNAME" "$CNI_NETNS" "$address"
`;
}

const loopback = `inside ip link set lo up
printf '{"cniVersion":"0.3.1","interfaces":[{"name":"lo","sandbox":"%s"}]}' "$CNI_NETNS"
`;

import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import {
  compressed,
  inet6AddressesOf,
  interfaceOf,
  localAddressesOf,
  networksOf,
} from '../../../../minion/probes/files/addresses.ts';
import { applicationOf } from '../../../../minion/probes/files/application.ts';
import { cpuTimesOf } from '../../../../minion/probes/files/cpu-times.ts';
import { diskStatsOf } from '../../../../minion/probes/files/disk-stats.ts';
import { memoryInfoOf } from '../../../../minion/probes/files/memory-info.ts';
import { deviceMountsOf, volumeNameOf, volumesAmong } from '../../../../minion/probes/files/mount-info.ts';
import { netDevOf } from '../../../../minion/probes/files/net-dev.ts';
import { waitedForDisk, waitedForProcessor } from '../../../../minion/probes/files/schedule.ts';
import { leadsOut } from '../../../../src/leads-out.ts';

describe('files of /proc', () => {
  test('processor time is by mode and in seconds; an old kernel tells fewer modes', () => {
    const { seconds, processors } = cpuTimesOf('cpu  100 0 250 4000 7\ncpu0 1 2 3\ncpu1 1 2 3\nintr 4\n');
    expect([...seconds]).toEqual([
      ['user', 1],
      ['nice', 0],
      ['system', 2.5],
      ['idle', 40],
      ['iowait', 0.07],
    ]);
    expect(processors).toBe(2);
  });

  test('a kilobyte of memory has 1024 bytes', () => {
    expect(memoryInfoOf('MemTotal:       16 kB\nHugePages_Total:  3\nActive(anon):  1 kB\n')).toEqual(
      new Map([
        ['MemTotal', 16_384],
        ['Active(anon)', 1024],
      ]),
    );
  });

  test('disks are told whole, partitions and loops not', () => {
    const line = (name: string) => `   8   0 ${name} 10 1 16 2000 20 2 32 4000 0 5000 6000 0 0 0 0`;
    const names = [
      'sda',
      'sda1',
      'loop0',
      'nvme0n1',
      'nvme0n1p1',
      'dm-3',
      'mmcblk0',
      'mmcblk0p2',
      'xvda',
      'md127',
      'ram0',
    ];
    const read = diskStatsOf(names.map(line).join('\n'));
    expect(read.map(({ device }) => device)).toEqual(['sda', 'nvme0n1', 'dm-3', 'mmcblk0', 'xvda', 'md127']);
    expect(read[0]).toEqual({
      device: 'sda',
      ...{ reads: 10, writes: 20, readBytes: 8192, writtenBytes: 16_384, readTime: 2, writeTime: 4, busyTime: 5 },
    });
  });

  test('traffic of interfaces, also where a number follows the name at once', () => {
    const head = 'Inter-|   Receive  |  Transmit\n face |bytes packets|bytes packets\n';
    const text = `${head}  eth0:7 2 0 0 0 0 0 0 9 3 0 0 0 0 0 0\nlo: 1 1 0 0 0 0 0 0 1 1 0 0 0 0 0 0\n`;
    expect(netDevOf(text)).toEqual([
      { name: 'eth0', receivedBytes: 7, receivedPackets: 2, sentBytes: 9, sentPackets: 3 },
      { name: 'lo', receivedBytes: 1, receivedPackets: 1, sentBytes: 1, sentPackets: 1 },
    ]);
    const interfaces = [
      'eth0',
      'ens5',
      'enp3s0',
      'bond0',
      'eno1',
      'enx00e04c',
      'veth12ab',
      'cali9',
      'docker0',
      'lo',
      'cni0',
    ];
    expect(interfaces.filter(leadsOut)).toEqual(['eth0', 'ens5', 'enp3s0', 'bond0', 'eno1', 'enx00e04c']);
  });

  test('mounts are those of devices, the last at each place, with names that have blanks', () => {
    const text = [
      '36 35 253:0 /var/lib/kubelet/pods/u/volumes/kubernetes.io~csi/pvc-7/mount /data\\040x rw - ext4 /dev/sdb rw',
      '37 35 0:45 / /proc rw - proc proc rw',
      '38 35 253:1 /hosts /etc/hosts rw - ext4 /dev/sda1 rw',
      '39 35 253:2 /volumes/cache/_data /cache rw shared:1 - xfs /dev/mapper/vg-x rw',
    ].join('\n');
    const volumes = volumesAmong(deviceMountsOf(text));
    expect(volumes.map(({ place, device }) => [place, device])).toEqual([
      ['/data x', '253:0'],
      ['/cache', '253:2'],
    ]);
    expect(volumes.map(volumeNameOf)).toEqual(['pvc-7', 'cache']);
  });

  test('waiting of a thread, whatever it is called', () => {
    expect(waitedForProcessor('120 2500000000 17\n')).toBe(2.5);
    expect(waitedForProcessor('')).toBeUndefined();
    const fields = Array.from({ length: 50 }, (_, at) => String(at + 3));
    fields[42 - 3] = '150';
    expect(waitedForDisk(`12 (a) b (c) ${fields.join(' ')}`)).toBe(1.5);
    expect(waitedForDisk('12 (short) S 1')).toBeUndefined();
  });

  test('own addresses, and the interface that has each', () => {
    const trie = ['Main:', '  +-- 0.0.0.0/0', '     |-- 10.1.2.3', '        /32 host LOCAL', '     |-- 10.1.2.255']
      .concat(['        /32 link BROADCAST', '     |-- 127.0.0.1', '        /32 host LOCAL', '     |-- 169.254.9.9'])
      .concat(['        /32 host LOCAL']);
    expect(localAddressesOf(trie.join('\n'))).toEqual(['10.1.2.3']);
    const head = 'Iface\tDestination\tGateway \tFlags\tRefCnt\tUse\tMetric\tMask\n';
    const routes = networksOf(
      `${head}eth0\t00000000\t0102010A\t0003\t0\t0\t0\t00000000\neth0\t0002010A\t0\t1\t0\t0\t0\t00FFFFFF\n`,
    );
    expect(interfaceOf('10.1.2.3', routes)).toBe('eth0');
    expect(interfaceOf('10.9.2.3', routes)).toBeUndefined();
    const six =
      'fd00000000000000000000000000000a 02 40 00 80     eth0\nfe80000000000000000000000000000a 02 40 20 80 eth0\n';
    expect(inet6AddressesOf(six)).toEqual([{ name: 'eth0', address: 'fd00::a' }]);
  });

  test('addresses of IPv6 are written as URLs write them', () => {
    const groups = fc.array(fc.constantFrom('0000', '0001', 'ab00', 'ffff'), { minLength: 8, maxLength: 8 });
    fc.assert(
      fc.property(groups, (all) => {
        // URLs write IPv4-mapped addresses differently.
        fc.pre(all.slice(0, 5).some((group) => group !== '0000'));
        expect(compressed(all)).toBe(new URL(`http://[${all.join(':')}]`).hostname.slice(1, -1));
      }),
    );
  });

  test.each([
    [['postgres: checkpointer'], 'postgres'],
    [['/usr/bin/python3.12', 'app.py'], 'python'],
    [['java', '-Xmx1g', 'kafka.Kafka', 'server.properties'], 'kafka'],
    [['java', '-jar', 'shop.jar'], 'java'],
    [['/opt/redis-server', '*:6379'], 'redis'],
    [['constructor'], undefined],
    [[''], undefined],
  ])('%j is %s', (argv, application) => {
    expect(applicationOf(argv)).toBe(application);
  });

  test('whatever the texts are, nothing is thrown', () => {
    const parsers = [cpuTimesOf, memoryInfoOf, diskStatsOf, netDevOf, deviceMountsOf, localAddressesOf, networksOf];
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), (text) => {
        for (const parse of [...parsers, inet6AddressesOf, waitedForDisk, waitedForProcessor]) parse(text);
        expect([undefined, 'python', 'node']).toContain(applicationOf([`x${text}`.replaceAll('/', ''), text]));
      }),
    );
  });
});

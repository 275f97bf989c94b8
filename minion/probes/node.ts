// The node as a whole: processors, memory, kernel, uptime.
import packageJson from '../../package.json' with { type: 'json' };
import { cpuTimesOf } from './files/cpu-times.ts';
import { memoryInfoOf } from './files/memory-info.ts';
import type { Probe, ProbedNode, Samples } from './probe.ts';
import { isReadable, readText } from './read.ts';

const memory = [
  ['MemTotal', 'node_resources_memory_total_bytes'],
  ['MemFree', 'node_resources_memory_free_bytes'],
  ['MemAvailable', 'node_resources_memory_available_bytes'],
  ['Cached', 'node_resources_memory_cached_bytes'],
] as const;

export const node = {
  name: 'node',
  needs: [{ what: 'the proc file system', isMet: ({ proc }) => isReadable(`${proc}/stat`) }],
  start(probed) {
    const who = identityOf(probed);
    return {
      samples(_round, out) {
        out.node('node_info', 1, { hostname: who.hostname, kernel_version: who.kernel });
        out.node('node_agent_info', 1, { version: packageJson.version });
        tellUse(probed, out);
      },
      facts: (_round, out) => out.node({ kernel: who.kernel, hostname: who.hostname }),
    };
  },
} as const satisfies Probe;

function tellUse({ proc }: ProbedNode, out: Samples): void {
  const uptime = Number.parseFloat(readText(`${proc}/uptime`) ?? '');
  if (Number.isFinite(uptime)) out.node('node_uptime_seconds', uptime);
  const { seconds, processors } = cpuTimesOf(readText(`${proc}/stat`) ?? '');
  for (const [mode, value] of seconds) out.node('node_resources_cpu_usage_seconds_total', value, { mode });
  if (processors > 0) out.node('node_resources_cpu_logical_cores', processors);
  const sizes = memoryInfoOf(readText(`${proc}/meminfo`) ?? '');
  for (const [name, metric] of memory) {
    const value = sizes.get(name);
    if (value !== undefined) out.node(metric, value);
  }
}

/** This process's host name if the node's is not visible. */
function identityOf({ proc, root }: ProbedNode): { readonly hostname: string; readonly kernel: string } {
  const hostname = readText(`${root}/etc/hostname`) ?? readText(`${proc}/sys/kernel/hostname`) ?? '';
  return { hostname: hostname.trim(), kernel: (readText(`${proc}/sys/kernel/osrelease`) ?? '').trim() };
}

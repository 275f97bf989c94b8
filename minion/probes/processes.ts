// Facts from each container's processes: restarts, and the likely application.
import { applicationOf } from './files/application.ts';
import { nodePidsSeen } from './needs.ts';
import type { Probe, ProbedContainer, ProbedNode, Round } from './probe.ts';
import { readLink, readStart, readText } from './read.ts';

interface Seen {
  /** Ticks after boot. */
  oldest: number;
  restarts: number;
}

/** Maximum processes of a container examined for its application. */
const mostLookedAt = 32;

export const processes = {
  name: 'processes',
  needs: [nodePidsSeen],
  start(node) {
    const seen = new Map<string, Seen>();
    // Of the last round: samples and facts are asked for one after the other.
    const applications = new Map<string, ReadonlySet<string>>();
    return {
      samples(round, out) {
        applications.clear();
        for (const container of round.containers) {
          const { restarts } = look(node, round, container, seen) ?? {};
          if (restarts !== undefined) out.container(container, 'container_restarts_total', restarts);
          const found = applicationsOf(node, round, container);
          applications.set(container.id, found);
          for (const application_type of found)
            out.container(container, 'container_application_type', 1, { application_type });
        }
        forgetOthers(round, seen);
      },
      facts(round, out) {
        for (const container of round.containers) {
          const [application] = applications.get(container.id) ?? [];
          if (application !== undefined) out.container(container, { application });
        }
      },
    };
  },
} as const satisfies Probe;

/** By name: a restarted container has another id but the same place in its Pod. */
function look(node: ProbedNode, round: Round, container: ProbedContainer, seen: Map<string, Seen>): Seen | undefined {
  const starts = round.pidsOf(container).flatMap((pid) => startOf(readText(`${node.proc}/${pid}/stat`) ?? '') ?? []);
  const known = seen.get(container.name);
  if (starts.length === 0) return known;
  const oldest = starts.reduce((least, each) => Math.min(least, each));
  if (!known) {
    const first = { oldest, restarts: 0 };
    seen.set(container.name, first);
    return first;
  }
  if (oldest > known.oldest) known.restarts++;
  known.oldest = oldest;
  return known;
}

function forgetOthers({ containers }: Round, seen: Map<string, Seen>): void {
  if (seen.size <= 2 * containers.length + 100) return;
  const names = new Set(containers.map(({ name }) => name));
  for (const name of seen.keys()) if (!names.has(name)) seen.delete(name);
}

/** Start of a process in ticks after boot. */
export function startOf(stat: string): number | undefined {
  const ticks = stat.slice(stat.lastIndexOf(')') + 2).split(' ')[22 - 3];
  return ticks !== undefined && /^\d+$/.test(ticks) ? Number(ticks) : undefined;
}

function applicationsOf({ proc }: ProbedNode, round: Round, container: ProbedContainer): Set<string> {
  const pids = round.pidsOf(container).slice(0, mostLookedAt);
  const found = pids.flatMap((pid) => {
    const line = readStart(`${proc}/${pid}/cmdline`, 4096) ?? '';
    return applicationOf(line.split('\0'), readLink(`${proc}/${pid}/exe`)) ?? [];
  });
  return new Set(found);
}

// What is asked of a Prometheus for right-sizing: how much the containers of some workloads used over weeks, how long their limits
// held them up, and what was killed for memory. Pure.
import { containerFamilies } from '../../../src/telemetry-api.ts';
import { rateWindow } from './queries.ts';

export interface UseAsked {
  readonly namespace: string;
  /** Regular expressions for names of Pods. */
  readonly patterns: readonly string[];
  /** Matchers that every selector has; empty for none. */
  readonly match: string;
  /** Seconds between two numbers, and of the whole. */
  readonly step: number;
  readonly window: number;
}

/** A series of the answer. */
export interface UseTold {
  readonly number: string;
  /** Where several agents have a number, the first counts. */
  readonly rank: number;
  readonly pod: string;
  readonly container: string;
}

const mark = 'insight_number';

interface Agent {
  readonly name: string;
  /** Matchers of the containers. */
  matchers(asked: UseAsked): string;
  readonly keys: string;
  readonly cpu: string;
  /** Those that are added up; the first must be there. */
  readonly memory: readonly string[];
  readonly throttled: string;
  readonly killed: string;
  place(labels: { readonly [label: string]: string }): { pod: string | undefined; container: string | undefined };
}

const inString = (text: string) => JSON.stringify(text).slice(1, -1);
const plain = (text: string) => inString(text.replace(/[\\^$.*+?()[\]{}|]/g, '\\$&'));
const podsOf = ({ patterns }: UseAsked) => patterns.map(inString).join('|');
const joined = (matchers: readonly string[]) => matchers.filter((each) => each !== '').join(',');

function cadvisorBy(name: string, namespace: string, pod: string, container: string): Agent {
  const strangers = ['exported_namespace', 'exported_pod'].filter((label) => label !== namespace && label !== pod);
  return {
    name,
    keys: `${pod}, ${container}`,
    matchers: (asked) =>
      joined([
        ...[`${namespace}="${inString(asked.namespace)}"`, `${pod}=~"${podsOf(asked)}"`, `${container}!=""`],
        ...[`${container}!="POD"`, ...strangers.map((label) => `${label}=""`), asked.match],
      ]),
    cpu: 'container_cpu_usage_seconds_total',
    memory: ['container_memory_rss', 'container_memory_mapped_file'],
    throttled: 'container_cpu_cfs_throttled_seconds_total',
    killed: 'container_oom_events_total',
    place: ({ [pod]: of, [container]: own }) => ({ pod: of, container: own }),
  };
}

/** Best first. */
const agents: readonly Agent[] = [
  {
    name: 'minion',
    keys: 'container_id',
    matchers: (asked) =>
      joined([`container_id=~"/k8s/${plain(asked.namespace)}/(${podsOf(asked)})/[^/]+"`, asked.match]),
    cpu: containerFamilies.cpu.metric,
    memory: [containerFamilies.memory.metric],
    throttled: containerFamilies.cpuThrottled.metric,
    killed: 'container_oom_kills_total',
    place({ container_id: id = '' }) {
      const [, pod, container] = /^\/k8s\/[^/]+\/([^/]+)\/([^/]+)$/.exec(id) ?? [];
      return { pod, container };
    },
  },
  cadvisorBy('cadvisor', 'namespace', 'pod', 'container'),
  cadvisorBy('exported-namespace', 'exported_namespace', 'pod', 'container'),
  cadvisorBy('exported', 'exported_namespace', 'exported_pod', 'exported_container'),
];

/** Numbers by step: `cpu`, the highest of five minutes within a step, `memory`, the highest, `throttled`, the share of the time. */
export function useQuery(asked: UseAsked): string {
  const { step } = asked;
  return unionOf(asked, ({ keys, cpu, memory, throttled }, matchers) => {
    const highest = (metric: string) => `max by (${keys}) (max_over_time(${metric}{${matchers}}[${step}s]))`;
    const rate = `sum without (cpu) (rate(${cpu}{${matchers}}[${rateWindow}s]))`;
    const [first = '', ...others] = memory.map(highest);
    return {
      cpu: `max by (${keys}) (max_over_time((${rate})[${step}s:${rateWindow}s]))`,
      memory: others.length === 0 ? first : `((${[first, ...others].join(' + ')}) or ${first})`,
      throttled: `max by (${keys}) (sum without (cpu) (rate(${throttled}{${matchers}}[${Math.max(rateWindow, step)}s])))`,
    };
  });
}

/** The working set, where resident memory is not reported. */
export function workingSetQuery(asked: UseAsked): string {
  return unionOf(asked, ({ keys, name }, matchers) =>
    name === 'minion'
      ? {}
      : {
          workingSet: `max by (${keys}) (max_over_time(container_memory_working_set_bytes{${matchers}}[${asked.step}s]))`,
        },
  );
}

/** Of the whole window, one number each: `periods`, the throttled share of them, and `killed`. */
export function eventsQuery(asked: UseAsked): string {
  return unionOf(asked, ({ keys, killed, name }, matchers) => {
    const grown = (metric: string) => `sum by (${keys}) (increase(${metric}{${matchers}}[${asked.window}s]))`;
    const last = `kube_pod_container_status_last_terminated_reason{${joined([matchers, 'reason="OOMKilled"'])}}`;
    return {
      killed: `(${grown(killed)} > 0)`,
      ...(name === 'minion'
        ? {}
        : {
            periods: `(${grown('container_cpu_cfs_throttled_periods_total')} / (${grown('container_cpu_cfs_periods_total')} > 0))`,
            lastKilled: `(max by (${keys}) (max_over_time(${last}[${asked.window}s])) > 0)`,
          }),
    };
  });
}

/** Undefined for what was not asked for. */
export function useTold(labels: { readonly [label: string]: string }): UseTold | undefined {
  const [, name, number = ''] = /^([a-z-]+)\/(\w+)$/.exec(labels[mark] ?? '') ?? [];
  const rank = agents.findIndex((each) => each.name === name);
  const { pod, container } = agents[rank]?.place(labels) ?? {};
  return pod === undefined || container === undefined ? undefined : { number, rank, pod, container };
}

function unionOf(
  asked: UseAsked,
  numbersOf: (agent: Agent, matchers: string) => { readonly [number: string]: string },
): string {
  const parts = agents.flatMap((agent) =>
    Object.entries(numbersOf(agent, agent.matchers(asked))).map(
      ([number, expression]) => `label_replace(${expression}, "${mark}", "${agent.name}/${number}", "", "")`,
    ),
  );
  return parts.join('\nor\n');
}

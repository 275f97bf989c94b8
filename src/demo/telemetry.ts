// Telemetry of the demo's minions: numbers that vary around each container's typical values, and connections. A function of
// the time and of what runs, so every start is alike.
import type { KubernetesObject } from '../model.ts';
import type { ContainerTelemetry, NodeTelemetry, ObservedConnection } from '../telemetry-api.ts';
import type { EngineContainer } from './engine/container.ts';

export interface DemoWorld {
  readonly pods: readonly KubernetesObject[];
  readonly services: readonly KubernetesObject[];
  /** Milliseconds since the epoch. */
  readonly now: number;
}

/** By container name: cores, MiB, bytes per second. */
const known: { readonly [container: string]: readonly [cores: number, mebibytes: number, traffic: number] } = {
  web: [0.12, 22, 40_000],
  sidecar: [0.01, 12, 2000],
  redis: [0.05, 96, 65_000],
  report: [0.3, 30, 1000],
  legacy: [0.02, 20, 500],
  logger: [0.03, 24, 5000],
};

/** A connection's source and target: a Service of the shop, a Pod by name prefix, or an external address. */
interface Dial {
  readonly from: string;
  readonly service?: string;
  readonly pod?: string;
  readonly outside?: string;
  readonly port: number;
  /** Target port of the Service. */
  readonly targetPort?: number;
  readonly failed?: true;
}

const dials: readonly Dial[] = [
  { from: 'web', pod: 'redis-', port: 6379 },
  { from: 'sidecar', outside: '198.51.100.20', port: 4317 },
  { from: 'report', service: 'frontend', pod: 'frontend-', port: 80, targetPort: 8080 },
  { from: 'legacy', outside: '203.0.113.9', port: 5672, failed: true },
];

const listens: { readonly [container: string]: readonly string[] } = {
  web: ['0.0.0.0:8080'],
  redis: ['0.0.0.0:6379'],
};

export function demoTelemetry(node: string, containers: Iterable<EngineContainer>, world: DemoWorld): NodeTelemetry {
  const running = [...containers].filter(({ inspect }) => inspect.State.Running && nameOf(inspect) in known);
  const seconds = world.now / 1000;
  const all = running.map(({ inspect }) => numbersOf(inspect, seconds));
  return {
    node,
    at: world.now,
    probes: { cgroup: 'running', network: 'running', node: 'running', processes: 'running', tcp: 'running' },
    numbers: {
      cpu: 0.4 * seconds + all.reduce((sum, { numbers }) => sum + (numbers.cpu ?? 0), 0),
      memoryAvailable: 6 * 2 ** 30,
      networkReceived: 120_000 * seconds,
      networkSent: 90_000 * seconds,
    },
    facts: {
      kernel: '6.12.0',
      hostname: node,
      cloud: {
        provider: 'AWS',
        region: 'eu-west-1',
        zone: 'eu-west-1a',
        instanceType: 'm7i.large',
        lifeCycle: 'on-demand',
      },
    },
    containers: all,
    connections: running.flatMap((each) => connectionsOf(each, world)),
  };
}

type Inspect = EngineContainer['inspect'];

function nameOf({ Config }: Inspect): string {
  return Config.Labels['io.kubernetes.container.name'] ?? '';
}

/** Varies by half within ten minutes; a counter is its integral. */
function numbersOf(inspect: Inspect, seconds: number): ContainerTelemetry {
  const name = nameOf(inspect);
  const [cores, mebibytes, traffic] = known[name] ?? [0, 0, 0];
  const phase = Number.parseInt(inspect.Id.slice(0, 6), 16) % 600;
  const angle = ((seconds + phase) / 600) * 2 * Math.PI;
  const counter = (rate: number) => rate * (seconds - (0.5 * Math.cos(angle) * 600) / (2 * Math.PI));
  const memory = Math.round(mebibytes * 2 ** 20 * (1 + 0.1 * Math.sin(angle)));
  return {
    id: inspect.Id,
    numbers: {
      cpu: counter(cores),
      cpuThrottled: counter(cores / 50),
      memory,
      memoryCache: memory / 4,
      networkReceived: counter(traffic),
      networkSent: counter(traffic / 3),
    },
    ...(listens[name] ? { listensOn: listens[name] } : {}),
    ...(name === 'redis' ? { application: 'redis' } : {}),
  };
}

function connectionsOf({ inspect }: EngineContainer, world: DemoWorld): ObservedConnection[] {
  if (inspect.Config.Labels['io.kubernetes.pod.namespace'] !== 'shop') return [];
  const began = Date.parse(inspect.Created);
  return dials
    .filter(({ from }) => from === nameOf(inspect))
    .flatMap((dial) =>
      endsOf(dial, world).map((ends) => ({
        container: inspect.Id,
        ...ends,
        first: Math.min(world.now, began + 5000),
        last: world.now,
        open: dial.failed ? 0 : 2,
        failed: dial.failed === true,
      })),
    );
}

function endsOf({ service, pod, outside, port, targetPort = port }: Dial, { pods, services }: DemoWorld) {
  if (outside !== undefined) return [{ destination: `${outside}:${port}`, actual: `${outside}:${port}` }];
  const dialled = services.find(({ metadata }) => metadata.namespace === 'shop' && metadata.name === service);
  const address = (dialled?.['spec'] as { readonly clusterIP?: string } | undefined)?.clusterIP;
  return pods
    .filter(({ metadata }) => metadata.namespace === 'shop' && metadata.name.startsWith(pod ?? '/'))
    .flatMap((each) => {
      const { podIP } = (each['status'] ?? {}) as { readonly podIP?: string };
      if (podIP === undefined) return [];
      return [{ destination: `${address ?? podIP}:${port}`, actual: `${podIP}:${targetPort}` }];
    });
}

// Probes that can never succeed.
import { podControllerTypes } from '../../src/pod-spec.ts';
import type { Vertex } from '../graph/model/vertex.ts';
import type { Found, ResourceFindingRule } from './finding-rule.ts';
import { type ContainerFields, containersOf, isWorkload, podFieldsOf } from './pod-fields.ts';
import { called, fieldsAt, recordsOf, textAt } from './reading.ts';

const probes = ['startupProbe', 'readinessProbe', 'livenessProbe'] as const;

export const probePortUnknown = {
  name: 'probe-port-unknown',
  group: 'workloads',
  class: 'broken',
  severity: 'high',
  tier: 'containers',
  sentence:
    'A probe names a port that its own container does not declare: it always fails. Exception: port numbers, which need no declaration.',
  remedy: 'Declare the port under that name in the same container, or use its number.',
  link: 'https://kubernetes.io/docs/tasks/configure-pod-container/configure-liveness-readiness-startup-probes/#use-a-named-port',
  types: podControllerTypes,
  reads: [],
  of(workload, view) {
    if (workload.controlled || !view.mentions(workload, '"port":"') || !isWorkload(workload, view)) return undefined;
    const pod = podFieldsOf(workload, view);
    return pod && containersOf(pod).flatMap((container) => lostPorts(container, workload));
  },
} as const satisfies ResourceFindingRule;

function lostPorts({ fields, name, path }: ContainerFields, workload: Vertex): Found[] {
  const declared = new Set(recordsOf(fields['ports']).map(({ item }) => textAt(item, 'name')));
  return probes.flatMap((probe) =>
    ['httpGet', 'tcpSocket'].flatMap((way) => {
      const { port } = fieldsAt(fieldsAt(fields, probe), way);
      if (typeof port !== 'string' || /^\d+$/.test(port) || declared.has(port)) return [];
      const field = `${path}.${probe}.${way}.port`;
      const sentence = `The ${probe} of container ${name} of ${called(workload)} asks for the port ${port}, which that container does not declare`;
      return [{ on: workload, field, key: `${name} ${probe}`, sentence }];
    }),
  );
}

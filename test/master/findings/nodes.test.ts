// Unhealthy nodes.
import { nodeFlapping, nodeNotReady } from '../../../master/findings/nodes.ts';
import { findingCases } from '../../support/finding-cases.ts';
import { ago, an, condition, type FindingGraph, pod } from '../../support/finding-graph.ts';

const node = (ready: string, since = ago(60), spec: object = {}, ...more: readonly object[]) =>
  an('Node', 'n1', {
    spec,
    status: { conditions: [{ ...condition('Ready', ready, 'KubeletNotReady'), lastTransitionTime: since }, ...more] },
  });

findingCases(
  nodeNotReady,
  [
    {
      says: 'not ready for five minutes',
      objects: [node('Unknown'), pod('a')],
      finds: ['Node:n1'],
      and: { severity: 'critical', sentence: /1 Pod on it/ },
    },
    {
      says: 'under pressure',
      objects: [node('True', ago(60), {}, condition('DiskPressure', 'True'))],
      finds: ['Node:n1'],
      and: { severity: 'medium' },
    },
    { says: 'for a minute', objects: [node('False', ago(1))], finds: [] },
    {
      says: 'about to be taken away',
      objects: [
        node('False', ago(60), {
          unschedulable: true,
          taints: [{ key: 'ToBeDeletedByClusterAutoscaler', effect: 'NoSchedule' }],
        }),
      ],
      finds: [],
    },
  ],
  { alone: true },
);

const flap = (times: number) => (graph: FindingGraph) => {
  for (let n = 0; n < times; n++) {
    graph.now += 60_000;
    graph.put(node(n % 2 === 0 ? 'False' : 'True'));
    graph.renew();
  }
};

findingCases(
  nodeFlapping,
  [
    { says: 'ready and not ready again and again', objects: [node('True')], afterwards: flap(4), finds: ['Node:n1'] },
    { says: 'once', objects: [node('True')], afterwards: flap(1), finds: [] },
  ],
  { alone: true },
);

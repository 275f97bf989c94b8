// The health of objects by rule, in tables; kubectl's words are in printed.test.ts.
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import * as all from '../../../master/health/all.ts';
import { checkedHealthRules } from '../../../master/health/check.ts';
import { healthStates } from '../../../master/health/health.ts';
import { healthOf, healthRules } from '../../../master/health/index.ts';
import { typeOfKind } from '../../../master/kinds/lookup.ts';
import type { KubernetesObject } from '../../../src/model.ts';
import { condition as c, conditions as cs, type HealthCase, objectOf } from '../../support/health-cases.ts';
import { hostile, recordedObjects } from '../../support/hostile-objects.ts';

const lb = { loadBalancer: { ingress: [{ ip: '192.0.2.1' }] } };
const killed = { observed: { oomKills: { atLeast: 3, since: '2026-11-28T10:01:07.123Z' } } };
const progress = (reason: string) => c('Progressing', 'True', reason);
const parent = (...list: object[]) => ({ parents: [cs(...list)] });

const tables: {
  readonly [rule in keyof typeof all]?: { readonly type: string; readonly cases: readonly HealthCase[] };
} = {
  deployment: {
    type: 'Deployment',
    cases: [
      { of: 'a manifest', spec: { replicas: 2 }, says: undefined },
      {
        of: 'all available',
        spec: { replicas: 2 },
        status: {
          replicas: 2,
          updatedReplicas: 2,
          readyReplicas: 2,
          availableReplicas: 2,
          ...cs(progress('NewReplicaSetAvailable')),
        },
        says: ['ok', 'Available', 'status.availableReplicas', '2/2'],
      },
      {
        of: 'one replica where none is said',
        status: { replicas: 1, updatedReplicas: 1, readyReplicas: 1, availableReplicas: 1 },
        says: ['ok', 'Available', 'status.availableReplicas', '1/1'],
      },
      {
        of: 'a generation that nobody saw',
        generation: 3,
        spec: { replicas: 1 },
        status: { observedGeneration: 2, replicas: 1, updatedReplicas: 1, readyReplicas: 1, availableReplicas: 1 },
        says: ['progressing', 'NotObserved', 'status.observedGeneration', '1/1'],
      },
      {
        of: 'old Pods beside new ones',
        spec: { replicas: 2 },
        status: {
          replicas: 3,
          updatedReplicas: 2,
          readyReplicas: 2,
          availableReplicas: 2,
          ...cs(progress('ReplicaSetUpdated')),
        },
        says: ['progressing', 'RollingOut', 'status.updatedReplicas', '2/2'],
      },
      {
        of: 'new Pods not there yet',
        spec: { replicas: 2 },
        status: { replicas: 2, updatedReplicas: 2, ...cs(progress('ReplicaSetUpdated')) },
        says: ['progressing', 'RollingOut', 'status.conditions[0]', '0/2'],
      },
      {
        of: 'some lost after a rollout',
        spec: { replicas: 3 },
        status: {
          replicas: 3,
          updatedReplicas: 3,
          readyReplicas: 1,
          availableReplicas: 1,
          ...cs(progress('NewReplicaSetAvailable')),
        },
        says: ['degraded', 'PartlyAvailable', 'status.availableReplicas', '1/3'],
      },
      {
        of: 'all lost after a rollout',
        spec: { replicas: 3 },
        status: {
          replicas: 3,
          updatedReplicas: 3,
          ...cs(c('Available', 'False', 'MinimumReplicasUnavailable'), progress('NewReplicaSetAvailable')),
        },
        says: ['failed', 'Unavailable', 'status.conditions[0]', '0/3'],
      },
      {
        of: 'its deadline over',
        spec: { replicas: 1 },
        status: { replicas: 1, updatedReplicas: 1, ...cs(c('Progressing', 'False', 'ProgressDeadlineExceeded')) },
        says: ['failed', 'ProgressDeadlineExceeded', 'status.conditions[0]', '0/1'],
      },
      {
        of: 'Pods that a quota refuses',
        spec: { replicas: 1 },
        status: cs(c('ReplicaFailure', 'True', 'FailedCreate')),
        says: ['failed', 'FailedCreate', 'status.conditions[0]', '0/1'],
      },
      { of: 'none wanted', spec: { replicas: 0 }, status: {}, says: ['idle', 'ScaledToZero', 'spec.replicas', '0/0'] },
      {
        of: 'the last ones going',
        spec: { replicas: 0 },
        status: { replicas: 2, readyReplicas: 2 },
        says: ['progressing', 'ScalingDown', 'status.replicas', '2/0'],
      },
      {
        of: 'a pause in a rollout',
        spec: { replicas: 2, paused: true },
        status: { replicas: 2, updatedReplicas: 1, readyReplicas: 2, availableReplicas: 2 },
        says: ['idle', 'Paused', 'spec.paused', '2/2'],
      },
      {
        of: 'one that is deleted',
        deleted: true,
        spec: { replicas: 1 },
        status: { replicas: 1, readyReplicas: 1 },
        says: ['progressing', 'Terminating', 'metadata.deletionTimestamp', '1/1'],
      },
    ],
  },
  replicaSet: {
    type: 'ReplicaSet',
    cases: [
      {
        of: 'all ready',
        spec: { replicas: 2 },
        status: { replicas: 2, readyReplicas: 2 },
        says: ['ok', 'Ready', 'status.readyReplicas', '2/2'],
      },
      {
        of: 'an old revision',
        spec: { replicas: 0 },
        status: { replicas: 0 },
        says: ['idle', 'ScaledToZero', 'spec.replicas', '0/0'],
      },
      {
        of: 'one to be made',
        spec: { replicas: 2 },
        status: { replicas: 1, readyReplicas: 1 },
        says: ['progressing', 'Creating', 'status.replicas', '1/2'],
      },
      {
        of: 'one not ready',
        spec: { replicas: 2 },
        status: { replicas: 2, readyReplicas: 1 },
        says: ['degraded', 'PartlyReady', 'status.readyReplicas', '1/2'],
      },
      {
        of: 'some refused',
        spec: { replicas: 2 },
        status: { replicas: 1, readyReplicas: 1, ...cs(c('ReplicaFailure', 'True', 'FailedCreate')) },
        says: ['degraded', 'FailedCreate', 'status.conditions[0]', '1/2'],
      },
    ],
  },
  statefulSet: {
    type: 'StatefulSet',
    cases: [
      {
        of: 'all ready',
        spec: { replicas: 3 },
        status: { replicas: 3, readyReplicas: 3, currentRevision: 'a', updateRevision: 'a' },
        says: ['ok', 'Ready', 'status.readyReplicas', '3/3'],
      },
      {
        of: 'one after the other',
        spec: { replicas: 3 },
        status: { replicas: 2, readyReplicas: 1 },
        says: ['progressing', 'Creating', 'status.replicas', '1/3'],
      },
      {
        of: 'none ready',
        spec: { replicas: 1 },
        status: { replicas: 1 },
        says: ['degraded', 'NotReady', 'status.readyReplicas', '0/1'],
      },
      {
        of: 'an update',
        spec: { replicas: 3 },
        status: { replicas: 3, readyReplicas: 3, updatedReplicas: 1, currentRevision: 'a', updateRevision: 'b' },
        says: ['progressing', 'RollingOut', 'status.updatedReplicas', '3/3'],
      },
      {
        of: 'an update as far as its partition goes',
        spec: { replicas: 3, updateStrategy: { rollingUpdate: { partition: 2 } } },
        status: { replicas: 3, readyReplicas: 3, updatedReplicas: 1, currentRevision: 'a', updateRevision: 'b' },
        says: ['ok', 'Ready', 'status.readyReplicas', '3/3'],
      },
      {
        of: 'an update that waits for somebody',
        spec: { replicas: 1, updateStrategy: { type: 'OnDelete' } },
        status: { replicas: 1, readyReplicas: 1, currentRevision: 'a', updateRevision: 'b' },
        says: ['ok', 'Ready', 'status.readyReplicas', '1/1'],
      },
      {
        of: 'one too many',
        spec: { replicas: 1 },
        status: { replicas: 2, readyReplicas: 2 },
        says: ['progressing', 'ScalingDown', 'status.replicas', '2/1'],
      },
    ],
  },
  daemonSet: {
    type: 'DaemonSet',
    cases: [
      {
        of: 'every node served',
        status: { desiredNumberScheduled: 3, currentNumberScheduled: 3, numberReady: 3, updatedNumberScheduled: 3 },
        says: ['ok', 'Ready', 'status.numberReady', '3/3'],
      },
      {
        of: 'a new node',
        status: { desiredNumberScheduled: 3, currentNumberScheduled: 2, numberReady: 2, updatedNumberScheduled: 2 },
        says: ['progressing', 'Creating', 'status.currentNumberScheduled', '2/3'],
      },
      {
        of: 'a rollout',
        status: { desiredNumberScheduled: 3, currentNumberScheduled: 3, numberReady: 3, updatedNumberScheduled: 1 },
        says: ['progressing', 'RollingOut', 'status.updatedNumberScheduled', '3/3'],
      },
      {
        of: 'one not ready',
        status: { desiredNumberScheduled: 3, currentNumberScheduled: 3, numberReady: 2, updatedNumberScheduled: 3 },
        says: ['degraded', 'PartlyReady', 'status.numberReady', '2/3'],
      },
      {
        of: 'no node for it',
        status: { desiredNumberScheduled: 0 },
        says: ['idle', 'NoNodes', 'status.desiredNumberScheduled', '0/0'],
      },
    ],
  },
  job: {
    type: 'Job',
    cases: [
      {
        of: 'one that gave up',
        status: { failed: 7, ...cs(c('Failed', 'True', 'BackoffLimitExceeded')) },
        says: ['failed', 'BackoffLimitExceeded', 'status.conditions[0]', '0/1'],
      },
      {
        of: 'one about to give up',
        status: cs(c('FailureTarget', 'True', 'DeadlineExceeded')),
        says: ['failed', 'DeadlineExceeded', 'status.conditions[0]', '0/1'],
      },
      {
        of: 'a suspended one, not yet seen',
        spec: { suspend: true },
        says: ['idle', 'Suspended', 'spec.suspend', '0/1'],
      },
      { of: 'a manifest', spec: {}, says: undefined },
    ],
  },
  cronJob: {
    type: 'CronJob',
    cases: [
      { of: 'one that is suspended', spec: { suspend: true }, status: {}, says: ['idle', 'Suspended', 'spec.suspend'] },
      { of: 'one that never ran', status: {}, says: ['ok', 'NeverRun', 'status.lastScheduleTime'] },
      {
        of: 'one that runs',
        status: { active: [{}], lastScheduleTime: '2026-11-28T04:00:00Z' },
        says: ['ok', 'Active', 'status.active'],
      },
      {
        of: 'one that ended well',
        status: { lastScheduleTime: '2026-11-28T04:00:00Z', lastSuccessfulTime: '2026-11-28T04:01:00Z' },
        says: ['ok', 'Scheduled', 'status.lastSuccessfulTime'],
      },
      {
        of: 'one whose last run did not',
        status: { lastScheduleTime: '2026-11-28T04:00:00Z', lastSuccessfulTime: '2026-11-27T04:01:00Z' },
        says: ['degraded', 'LastRunFailed', 'status.lastSuccessfulTime'],
      },
    ],
  },
  node: {
    type: 'Node',
    cases: [
      {
        of: 'memory running out',
        status: cs(c('MemoryPressure', 'True'), c('Ready', 'True')),
        says: ['degraded', 'Ready,MemoryPressure', 'status.conditions[0]'],
      },
      {
        of: 'a deadlock that the problem detector saw',
        status: cs(c('Ready', 'True'), c('KernelDeadlock', 'True')),
        says: ['degraded', 'Ready,KernelDeadlock', 'status.conditions[1]'],
      },
      {
        of: 'a good sign of a vendor',
        status: cs(c('Ready', 'True'), c('NetworkingReady', 'True')),
        says: ['ok', 'Ready', 'status.conditions[0]'],
      },
      {
        of: 'a taint that drives Pods away',
        spec: { taints: [{ key: 'dedicated' }, { key: 'node.kubernetes.io/out-of-service' }] },
        status: cs(c('Ready', 'True')),
        says: ['degraded', 'Ready,node.kubernetes.io/out-of-service', 'spec.taints[1]'],
      },
    ],
  },
  namespace: {
    type: 'Namespace',
    cases: [
      {
        of: 'what a finalizer holds',
        deleted: true,
        status: { phase: 'Terminating', ...cs(c('NamespaceContentRemaining', 'True')) },
        says: ['progressing', 'Terminating', 'status.conditions[0]'],
      },
      {
        of: 'a deletion that fails',
        deleted: true,
        status: { phase: 'Terminating', ...cs(c('NamespaceDeletionDiscoveryFailure', 'True', 'DiscoveryFailed')) },
        says: ['degraded', 'DiscoveryFailed', 'status.conditions[0]'],
      },
    ],
  },
  horizontalPodAutoscaler: {
    type: 'HorizontalPodAutoscaler',
    cases: [
      {
        of: 'metrics that are read',
        status: {
          currentReplicas: 2,
          desiredReplicas: 2,
          ...cs(c('AbleToScale', 'True'), c('ScalingActive', 'True'), c('ScalingLimited', 'False')),
        },
        says: ['ok', 'ScalingActive', 'status.conditions[1]'],
      },
      {
        of: 'metrics that are not',
        status: cs(c('AbleToScale', 'True'), c('ScalingActive', 'False', 'FailedGetResourceMetric')),
        says: ['degraded', 'FailedGetResourceMetric', 'status.conditions[1]'],
      },
      {
        of: 'no target',
        status: cs(c('AbleToScale', 'False', 'FailedGetScale')),
        says: ['degraded', 'FailedGetScale', 'status.conditions[0]'],
      },
      {
        of: 'scaling switched off',
        status: cs(c('AbleToScale', 'True'), c('ScalingActive', 'False', 'ScalingDisabled')),
        says: ['idle', 'ScalingDisabled', 'status.conditions[1]'],
      },
      {
        of: 'its upper bound',
        status: {
          currentReplicas: 9,
          desiredReplicas: 9,
          ...cs(c('AbleToScale', 'True'), c('ScalingActive', 'True'), c('ScalingLimited', 'True', 'TooManyReplicas')),
        },
        says: ['ok', 'TooManyReplicas', 'status.conditions[2]'],
      },
      {
        of: 'replicas on their way',
        status: { currentReplicas: 2, desiredReplicas: 5, ...cs(c('AbleToScale', 'True')) },
        says: ['progressing', 'Scaling', 'status.desiredReplicas'],
      },
    ],
  },
  podDisruptionBudget: {
    type: 'PodDisruptionBudget',
    cases: [
      {
        of: 'enough',
        status: { currentHealthy: 2, desiredHealthy: 2, expectedPods: 2 },
        says: ['ok', 'SufficientPods', 'status.currentHealthy', '2/2'],
      },
      {
        of: 'too few',
        status: { currentHealthy: 1, desiredHealthy: 2, expectedPods: 3 },
        says: ['degraded', 'InsufficientPods', 'status.currentHealthy', '1/2'],
      },
      {
        of: 'none',
        status: { currentHealthy: 0, desiredHealthy: 0, expectedPods: 0 },
        says: ['idle', 'NoPods', 'status.expectedPods', '0/0'],
      },
      {
        of: 'what it cannot count',
        status: { expectedPods: 1, ...cs(c('DisruptionAllowed', 'False', 'SyncFailed')) },
        says: ['degraded', 'SyncFailed', 'status.conditions[0]'],
      },
    ],
  },
  persistentVolumeClaim: {
    type: 'PersistentVolumeClaim',
    cases: [
      {
        of: 'a resize under way',
        status: { phase: 'Bound', ...cs(c('FileSystemResizePending', 'True')) },
        says: ['progressing', 'FileSystemResizePending', 'status.conditions[0]'],
      },
      {
        of: 'a resize that fails',
        status: { phase: 'Bound', ...cs(c('Resizing', 'True'), c('NodeResizeError', 'True')) },
        says: ['degraded', 'NodeResizeError', 'status.conditions[1]'],
      },
    ],
  },
  persistentVolume: {
    type: 'PersistentVolume',
    cases: [
      {
        of: 'a phase of the future',
        status: { phase: 'constructor' },
        says: ['unknown', 'constructor', 'status.phase'],
      },
    ],
  },
  service: {
    type: 'Service',
    cases: [
      {
        of: 'a selector, whose Pods tell',
        spec: { selector: { app: 'x' } },
        status: { loadBalancer: {} },
        says: ['unknown', 'EndpointsUnknown', 'spec.selector'],
      },
      { of: 'no selector', spec: {}, status: {}, says: undefined },
      { of: 'a name elsewhere', spec: { type: 'ExternalName', selector: { app: 'x' } }, status: {}, says: undefined },
      {
        of: 'a balancer to come',
        spec: { type: 'LoadBalancer' },
        status: { loadBalancer: {} },
        says: ['progressing', 'Pending', 'status.loadBalancer'],
      },
      {
        of: 'a balancer that is there',
        spec: { type: 'LoadBalancer' },
        status: lb,
        says: ['ok', 'Balanced', 'status.loadBalancer.ingress'],
      },
      {
        of: 'ports that it refuses',
        spec: { type: 'LoadBalancer' },
        status: { ...lb, ...cs(c('LoadBalancerPortsError', 'True', 'LoadBalancerMixedProtocolNotSupported')) },
        says: ['degraded', 'LoadBalancerMixedProtocolNotSupported', 'status.conditions[0]'],
      },
    ],
  },
  ingress: {
    type: 'Ingress',
    cases: [
      { of: 'an address', status: lb, says: ['ok', 'Served', 'status.loadBalancer.ingress'] },
      { of: 'none yet', status: { loadBalancer: {} }, says: ['progressing', 'NoAddress', 'status.loadBalancer'] },
      { of: 'a manifest', spec: {}, says: undefined },
    ],
  },
  apiService: {
    type: 'APIService',
    cases: [
      {
        of: 'one that is served',
        status: cs(c('Available', 'True', 'Passed')),
        says: ['ok', 'Available', 'status.conditions[0]'],
      },
      {
        of: 'one that is not',
        status: cs(c('Available', 'False', 'FailedDiscoveryCheck')),
        says: ['failed', 'FailedDiscoveryCheck', 'status.conditions[0]'],
      },
    ],
  },
  customResourceDefinition: {
    type: 'CustomResourceDefinition',
    cases: [
      {
        of: 'an established one',
        status: cs(c('NamesAccepted', 'True', 'NoConflicts'), c('Established', 'True', 'InitialNamesAccepted')),
        says: ['ok', 'Established', 'status.conditions[1]'],
      },
      {
        of: 'names that are taken',
        status: cs(c('NamesAccepted', 'False', 'PluralConflict')),
        says: ['failed', 'PluralConflict', 'status.conditions[0]'],
      },
      {
        of: 'a schema that is not structural',
        status: cs(c('Established', 'True'), c('NonStructuralSchema', 'True', 'Violations')),
        says: ['degraded', 'Violations', 'status.conditions[1]'],
      },
      {
        of: 'one on its way',
        status: cs(c('Established', 'False', 'Installing')),
        says: ['progressing', 'Installing', 'status.conditions[0]'],
      },
      {
        of: 'one that is taken away',
        status: cs(c('Established', 'True'), c('Terminating', 'True', 'InstanceDeletionInProgress')),
        says: ['progressing', 'Terminating', 'status.conditions[1]'],
      },
    ],
  },
  certificateSigningRequest: {
    type: 'CertificateSigningRequest',
    cases: [
      { of: 'one nobody looked at', status: {}, says: ['progressing', 'Pending', 'status.conditions'] },
      {
        of: 'one approved',
        status: cs(c('Approved', 'True')),
        says: ['progressing', 'Approved', 'status.conditions[0]'],
      },
      {
        of: 'one issued',
        status: { certificate: { bytes: 9 }, ...cs(c('Approved', 'True')) },
        says: ['done', 'Approved,Issued', 'status.certificate'],
      },
      { of: 'one denied', status: cs(c('Denied', 'True')), says: ['failed', 'Denied', 'status.conditions[0]'] },
    ],
  },
  volumeAttachment: {
    type: 'VolumeAttachment',
    cases: [
      { of: 'one attached', status: { attached: true }, says: ['ok', 'Attached', 'status.attached'] },
      { of: 'one on its way', status: { attached: false }, says: ['progressing', 'Attaching', 'status.attached'] },
      {
        of: 'one that fails',
        status: { attached: false, attachError: { message: 'no' } },
        says: ['failed', 'AttachError', 'status.attachError'],
      },
      {
        of: 'one that does not come off',
        deleted: true,
        status: { attached: true, detachError: { message: 'no' } },
        says: ['failed', 'DetachError', 'status.detachError'],
      },
      {
        of: 'one coming off',
        deleted: true,
        status: { attached: true },
        says: ['progressing', 'Terminating', 'metadata.deletionTimestamp'],
      },
    ],
  },
  volumeSnapshot: {
    type: 'VolumeSnapshot.snapshot.storage.k8s.io',
    cases: [
      { of: 'one that is ready', status: { readyToUse: true }, says: ['ok', 'ReadyToUse', 'status.readyToUse'] },
      { of: 'one on its way', status: { readyToUse: false }, says: ['progressing', 'Creating', 'status.readyToUse'] },
      {
        of: 'one that failed',
        status: { readyToUse: false, error: { message: 'no' } },
        says: ['failed', 'SnapshotError', 'status.error'],
      },
    ],
  },
  resourceClaim: {
    type: 'ResourceClaim',
    cases: [
      { of: 'one without devices', status: {}, says: ['progressing', 'pending', 'status.allocation'] },
      {
        of: 'one in use',
        status: { allocation: {}, reservedFor: [{}] },
        says: ['ok', 'allocated,reserved', 'status.allocation'],
      },
      { of: 'one with devices', status: { allocation: {} }, says: ['ok', 'allocated', 'status.allocation'] },
    ],
  },
  gateway: {
    type: 'Gateway.gateway.networking.k8s.io',
    cases: [
      {
        of: 'one programmed',
        status: cs(c('Accepted', 'True'), c('Programmed', 'True')),
        says: ['ok', 'Programmed', 'status.conditions[1]'],
      },
      {
        of: 'one nobody took',
        status: cs(c('Accepted', 'Unknown', 'Pending'), c('Programmed', 'Unknown', 'Pending')),
        says: ['progressing', 'Pending', 'status.conditions[0]'],
      },
      {
        of: 'one refused',
        status: cs(c('Accepted', 'False', 'InvalidParameters')),
        says: ['failed', 'InvalidParameters', 'status.conditions[0]'],
      },
      {
        of: 'a listener without its certificate',
        status: {
          ...cs(c('Accepted', 'True'), c('Programmed', 'True')),
          listeners: [cs(c('Accepted', 'True')), cs(c('ResolvedRefs', 'False', 'InvalidCertificateRef'))],
        },
        says: ['degraded', 'InvalidCertificateRef', 'status.listeners[1].conditions[0]'],
      },
      {
        of: 'two listeners at one port',
        status: { ...cs(c('Accepted', 'True')), listeners: [cs(c('Conflicted', 'True', 'ProtocolConflict'))] },
        says: ['degraded', 'ProtocolConflict', 'status.listeners[0].conditions[0]'],
      },
    ],
  },
  route: {
    type: 'HTTPRoute.gateway.networking.k8s.io',
    cases: [
      {
        of: 'one taken',
        status: parent(c('Accepted', 'True'), c('ResolvedRefs', 'True')),
        says: ['ok', 'Accepted', 'status.parents'],
      },
      { of: 'one nobody took', status: {}, says: ['progressing', 'NoParent', 'status.parents'] },
      {
        of: 'one that names what is not there',
        status: parent(c('Accepted', 'True'), c('ResolvedRefs', 'False', 'BackendNotFound')),
        says: ['degraded', 'BackendNotFound', 'status.parents[0].conditions[1]'],
      },
      {
        of: 'one refused',
        status: parent(c('Accepted', 'False', 'NoMatchingListenerHostname')),
        says: ['failed', 'NoMatchingListenerHostname', 'status.parents[0].conditions[0]'],
      },
      {
        of: 'one refused by one of two',
        status: { parents: [cs(c('Accepted', 'True')), cs(c('Accepted', 'False', 'NotAllowedByListeners'))] },
        says: ['degraded', 'NotAllowedByListeners', 'status.parents[1].conditions[0]'],
      },
      {
        of: 'a word on an earlier generation',
        generation: 3,
        status: parent(c('Accepted', 'True', 'Accepted', { observedGeneration: 2 })),
        says: ['progressing', 'Accepted', 'status.parents[0].conditions[0]'],
      },
    ],
  },
  argoApplication: {
    type: 'Application.argoproj.io',
    cases: [
      {
        of: 'a healthy one',
        status: { health: { status: 'Healthy' }, sync: { status: 'Synced' } },
        says: ['ok', 'Healthy', 'status.health.status'],
      },
      {
        of: 'one unlike its source',
        status: { health: { status: 'Healthy' }, sync: { status: 'OutOfSync' } },
        says: ['degraded', 'OutOfSync', 'status.sync.status'],
      },
      {
        of: 'one that Argo CD calls degraded',
        status: { health: { status: 'Degraded' } },
        says: ['degraded', 'Degraded', 'status.health.status'],
      },
      {
        of: 'one suspended',
        status: { health: { status: 'Suspended' } },
        says: ['idle', 'Suspended', 'status.health.status'],
      },
      {
        of: 'one that cannot be compared',
        status: { health: { status: 'Healthy' }, conditions: [{ type: 'ComparisonError' }] },
        says: ['degraded', 'ComparisonError', 'status.conditions[0]'],
      },
      {
        of: 'a sync that failed',
        status: { health: { status: 'Healthy' }, operationState: { phase: 'Failed' } },
        says: ['degraded', 'SyncFailed', 'status.operationState.phase'],
      },
    ],
  },
  validatingAdmissionPolicy: {
    type: 'ValidatingAdmissionPolicy',
    cases: [
      {
        of: 'types that fit',
        status: { typeChecking: {} },
        says: ['ok', 'TypesChecked', 'status.typeChecking.expressionWarnings'],
      },
      {
        of: 'one that does not',
        status: { typeChecking: { expressionWarnings: [{}] } },
        says: ['degraded', 'ExpressionWarnings', 'status.typeChecking.expressionWarnings'],
      },
      { of: 'one nobody checked', status: {}, says: undefined },
    ],
  },
  container: {
    type: 'Container',
    cases: [
      {
        of: 'one that runs',
        status: { ready: true, state: { running: {} } },
        says: ['ok', 'Running', 'status.state.running'],
      },
      {
        of: 'one that is not ready',
        status: { ready: false, state: { running: {} } },
        says: ['progressing', 'NotReady', 'status.ready'],
      },
      {
        of: 'an init container at work',
        rest: { type: 'init' },
        status: { ready: false, state: { running: {} } },
        says: ['progressing', 'Running', 'status.state.running'],
      },
      {
        of: 'a crash loop',
        status: { state: { waiting: { reason: 'CrashLoopBackOff' } } },
        says: ['failed', 'CrashLoopBackOff', 'status.state.waiting'],
      },
      {
        of: 'one that is made',
        status: { state: { waiting: { reason: 'ContainerCreating' } } },
        says: ['progressing', 'ContainerCreating', 'status.state.waiting'],
      },
      {
        of: 'one that ended well',
        status: { state: { terminated: { exitCode: 0, reason: 'Completed' } } },
        says: ['done', 'Completed', 'status.state.terminated'],
      },
      {
        of: 'one that ran out of memory',
        status: { state: { terminated: { exitCode: 137, reason: 'OOMKilled' } } },
        says: ['failed', 'OOMKilled', 'status.state.terminated'],
      },
      {
        of: 'a debugger that ended',
        rest: { type: 'ephemeral' },
        status: { state: { terminated: { exitCode: 1, reason: 'Error' } } },
        says: ['done', 'Error', 'status.state.terminated'],
      },
      { of: 'one without a status', spec: {}, says: ['progressing', 'Waiting', 'status'] },
      {
        of: 'one that only the runtime knows',
        rest: { runtime: { State: { Running: true } } },
        says: ['ok', 'Running', 'runtime.State.Running'],
      },
      {
        of: 'one that the runtime saw end',
        rest: { runtime: { State: { Running: false, ExitCode: 3 } } },
        says: ['failed', 'ExitCode:3', 'runtime.State.ExitCode'],
      },
      {
        of: 'one that the kernel ended',
        rest: { runtime: { State: { OOMKilled: true, ExitCode: 137 } } },
        says: ['failed', 'OOMKilled', 'runtime.State.OOMKilled'],
      },
      {
        of: 'one that lives on though the kernel killed in it',
        status: { ready: true, state: { running: {} } },
        rest: killed,
        says: ['degraded', 'OOMKilled 3+ since 2026-11-28T10:01Z', 'observed.oomKills'],
      },
      {
        of: 'one without a Pod that lives on though the kernel killed in it',
        rest: { runtime: { State: { Running: true } }, ...killed },
        says: ['degraded', 'OOMKilled 3+ since 2026-11-28T10:01Z', 'observed.oomKills'],
      },
      {
        of: 'an init container at work in which the kernel killed',
        rest: { type: 'init', ...killed },
        status: { ready: false, state: { running: {} } },
        says: ['degraded', 'OOMKilled 3+ since 2026-11-28T10:01Z', 'observed.oomKills'],
      },
      {
        of: 'one that the kernel killed and that ended of it',
        status: { state: { terminated: { exitCode: 137, reason: 'OOMKilled' } } },
        rest: killed,
        says: ['failed', 'OOMKilled', 'status.state.terminated'],
      },
      {
        of: 'one in which the kernel killed and that ended well',
        status: { state: { terminated: { exitCode: 0, reason: 'Completed' } } },
        rest: killed,
        says: ['done', 'Completed', 'status.state.terminated'],
      },
      {
        of: 'one of which a hostile probe tells nonsense',
        status: { ready: true, state: { running: {} } },
        rest: { observed: { oomKills: { atLeast: '3', since: [] } } },
        says: ['ok', 'Running', 'status.state.running'],
      },
      {
        of: 'one that is paused',
        rest: { runtime: { State: { Running: true, Paused: true } } },
        says: ['idle', 'Paused', 'runtime.State.Paused'],
      },
      {
        of: 'one that the runtime starts again',
        rest: { runtime: { State: { Running: true, Restarting: true } } },
        says: ['failed', 'Restarting', 'runtime.State.Restarting'],
      },
    ],
  },
  custom: {
    type: 'Thing.example.com',
    cases: [
      { of: 'no status', spec: {}, says: undefined },
      { of: 'a status that says nothing', status: { replicas: 1 }, says: undefined },
      { of: 'Ready', status: cs(c('Ready', 'True', 'Fine')), says: ['ok', 'Ready', 'status.conditions[0]'] },
      {
        of: 'not Ready, for a reason that is a failure',
        status: cs(c('Ready', 'False', 'InstallFailed')),
        says: ['failed', 'InstallFailed', 'status.conditions[0]'],
      },
      {
        of: 'not Ready, for a reason that is work',
        status: cs(c('Ready', 'False', 'Issuing')),
        says: ['progressing', 'Issuing', 'status.conditions[0]'],
      },
      {
        of: 'not Ready, for a reason that says neither',
        status: cs(c('Ready', 'False', 'Elsewhere')),
        says: ['degraded', 'Elsewhere', 'status.conditions[0]'],
      },
      {
        of: 'Ready unknown',
        status: cs(c('Ready', 'Unknown')),
        says: ['progressing', 'Ready', 'status.conditions[0]'],
      },
      {
        of: 'Ready and not Synced',
        status: cs(c('Synced', 'False', 'ReconcileError'), c('Ready', 'True')),
        says: ['degraded', 'ReconcileError', 'status.conditions[0]'],
      },
      {
        of: 'Stalled',
        status: cs(c('Reconciling', 'True'), c('Stalled', 'True', 'ImagePull')),
        says: ['failed', 'ImagePull', 'status.conditions[1]'],
      },
      {
        of: 'not Stalled',
        status: cs(c('Stalled', 'False'), c('Ready', 'True')),
        says: ['ok', 'Ready', 'status.conditions[1]'],
      },
      {
        of: 'Reconciling',
        status: cs(c('Reconciling', 'True', 'NewGeneration'), c('Ready', 'Unknown')),
        says: ['progressing', 'NewGeneration', 'status.conditions[0]'],
      },
      {
        of: 'Ready while it renews',
        status: cs(c('Issuing', 'True'), c('Ready', 'True')),
        says: ['ok', 'Ready', 'status.conditions[1]'],
      },
      {
        of: 'Degraded',
        status: cs(c('Available', 'True'), c('Degraded', 'True', 'OneNodeDown')),
        says: ['degraded', 'OneNodeDown', 'status.conditions[1]'],
      },
      {
        of: 'a state where true or false belongs',
        status: cs(c('Available', 'Degraded', 'SomePodsNotReady')),
        says: ['degraded', 'SomePodsNotReady', 'status.conditions[0]'],
      },
      {
        of: 'a run that succeeded',
        status: cs(c('Succeeded', 'True')),
        says: ['done', 'Succeeded', 'status.conditions[0]'],
      },
      {
        of: 'a run under way',
        status: cs(c('Succeeded', 'Unknown', 'Running')),
        says: ['progressing', 'Running', 'status.conditions[0]'],
      },
      {
        of: 'a generation that nobody saw',
        generation: 2,
        status: { observedGeneration: 1, ...cs(c('Ready', 'True')) },
        says: ['progressing', 'NotObserved', 'status.observedGeneration'],
      },
      {
        of: 'a condition of an earlier generation',
        generation: 2,
        status: cs(c('Ready', 'True', 'Fine', { observedGeneration: 1 })),
        says: ['progressing', 'NotObserved', 'status.conditions[0].observedGeneration'],
      },
      {
        of: 'a request refused',
        status: cs(c('Denied', 'True', 'Policy'), c('Ready', 'False', 'Denied')),
        says: ['failed', 'Policy', 'status.conditions[0]'],
      },
      {
        of: 'a suspension',
        spec: { suspend: true },
        status: cs(c('Ready', 'False')),
        says: ['idle', 'Suspended', 'spec.suspend'],
      },
      { of: 'a phase', status: { phase: 'Running' }, says: ['ok', 'Running', 'status.phase'] },
      { of: 'a phase that is a failure', status: { phase: 'Error' }, says: ['failed', 'Error', 'status.phase'] },
      { of: 'a state', status: { state: 'provisioning' }, says: ['progressing', 'provisioning', 'status.state'] },
      { of: 'a phase that nobody knows', status: { phase: 'Blue' }, says: undefined },
      {
        of: 'a deletion',
        deleted: true,
        status: cs(c('Ready', 'True')),
        says: ['progressing', 'Terminating', 'metadata.deletionTimestamp'],
      },
    ],
  },
};

describe.each(Object.entries(tables))('%s', (rule, { type, cases }) => {
  test('is asked of the type', () => {
    const own = (Object.entries(all).find(([name]) => name === rule)?.[1].types ?? []) as readonly string[];
    expect(own.includes(type) || own.includes('*')).toBe(true);
  });

  test.each(cases)('of $of: $says', (one) => {
    const [state, reason, field, ready] = one.says ?? [];
    const expected = one.says && { state, reason, field, ...(ready === undefined ? {} : { ready }) };
    expect(healthOf(type, objectOf(one))).toEqual(expected);
  });
});

test('every rule has its table, or its words are those of kubectl', () => {
  expect(Object.keys(all).filter((rule) => !(rule in tables) && rule !== 'pod')).toEqual([]);
});

describe('whatever an object is', () => {
  test('health is one of its states, short, or none; and nothing throws', () => {
    fc.assert(
      fc.property(hostile, ({ kind, object }) => {
        const health = healthOf(typeOfKind(kind), object);
        if (!health) return;
        expect(healthStates).toContain(health.state);
        expect(typeof health.reason).toBe('string');
        expect(health.reason.length).toBeLessThanOrEqual(100);
        expect(typeof health.field).toBe('string');
      }),
      { numRuns: 2000 },
    );
  });

  test('any rule may be asked of any object', () => {
    const types = healthRules.flatMap((rule) => rule.types);
    fc.assert(
      fc.property(hostile, fc.constantFrom(...types), ({ object }, type) => {
        const { state = 'ok' } = healthOf(type, object) ?? {};
        expect(healthStates).toContain(state);
      }),
      { numRuns: 1000 },
    );
  });

  test('lists without end cost what lists with one do', () => {
    const list = Array.from({ length: 300_000 }, () => ({ type: 'A', name: 'c', state: { running: {} } }));
    const looked = new Set<string>();
    const watched = new Proxy(list, {
      get(target, key) {
        if (typeof key === 'string' && /^\d+$/.test(key)) looked.add(key);
        return Reflect.get(target, key);
      },
    });
    for (const type of healthRules.flatMap((rule) => rule.types)) {
      const status = {
        conditions: watched,
        containerStatuses: watched,
        initContainerStatuses: watched,
        listeners: watched,
      };
      healthOf(type, { metadata: { name: 'x' }, spec: {}, status: { phase: 'Running', parents: watched, ...status } });
    }
    expect(looked.size).toBeGreaterThan(0);
    expect(looked.size).toBeLessThan(1000);
  });

  test('a restart more is no other health', () => {
    const pods = recordedObjects().filter(({ object }) => object.kind === 'Pod');
    expect(pods.length).toBeGreaterThan(3);
    for (const { object } of pods) {
      const again = structuredClone(object) as KubernetesObject & {
        status?: { containerStatuses?: { restartCount: number }[] };
      };
      for (const status of again.status?.containerStatuses ?? []) status.restartCount += 1;
      expect(healthOf('Pod', again)).toEqual(healthOf('Pod', object));
    }
  });
});

describe('the registry', () => {
  const rule = { types: ['*'], fields: ['status'], sentence: 'It is well.', of: () => undefined };

  test.each([
    { fault: 'two rules of a type', rules: [rule, { ...rule, types: ['Pod', '*'] }] },
    { fault: 'no rule for the rest', rules: [{ ...rule, types: ['Pod'] }] },
    { fault: 'no sentence', rules: [{ ...rule, sentence: 'so' }] },
    { fault: 'no rule at all', rules: [{}] },
    { fault: 'no types', rules: [rule, { ...rule, types: [] }] },
  ])('refuses $fault', ({ rules }) => {
    expect(() => checkedHealthRules(rules)).toThrow(/health rule/);
  });
});

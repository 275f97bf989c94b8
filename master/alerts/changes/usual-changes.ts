// Common changes with their wording. `usual` ones are reported unless the file changes that.
import type { ChangeAlertRule } from '../settings/alert-settings.ts';
import { parseChange } from './change-rule.ts';

export interface UsualChange {
  readonly name: string;
  readonly usual: boolean;
  readonly rule: ChangeAlertRule;
}

const minute = 60_000;

export const usualChanges: readonly UsualChange[] = [
  {
    ...named('path-to-admin', 'new path to cluster-admin', 'critical', false),
    sentence: '{resource} can do everything in this cluster now, and could not before.',
    remedy: 'Delete the binding in the proof, unless it is intended: what it grants is everything.',
  },
  {
    ...named('last-endpoint-lost', 'last relation loadBalances of Service removed', 'high', false),
    for: minute,
    sentence: '{resource} leads to no Pod any more.',
    remedy:
      'Look at what happened to the Pods that it led to: a selector or labels that changed, a workload that went, or 0 replicas.',
  },
  {
    ...named('route-removed', 'removed Ingress,HTTPRoute,GRPCRoute,TLSRoute,Gateway', 'medium'),
    sentence: '{resource} was deleted: what it led in from outside is not served by it any more.',
    remedy: 'Restore it from where it is kept, unless its deletion was meant.',
  },
  {
    ...named('host-removed', 'removed Host', 'medium'),
    sentence: 'No Ingress or route names {resource} any more.',
    remedy: 'Restore the Ingress or route that named it, unless the name was given up.',
  },
  {
    ...named('image-changed', 'image of Deployment,StatefulSet,DaemonSet changes', 'info', false),
    sentence: '{resource} runs another image: {change}.',
    remedy: 'Nothing, if this rollout is yours.',
  },
  {
    ...named('replicas-changed', 'replicas of Deployment,StatefulSet changes', 'info', false),
    sentence: '{resource} has another number of replicas: {change}.',
    remedy: 'Nothing, if this was meant; an autoscaler changes it by itself.',
  },
  {
    ...named('config-data-changed', 'data of ConfigMap changes', 'info', false),
    sentence: 'Keys or sizes of the data of {resource} changed: {change}.',
    remedy: 'Restart what reads it only when it starts.',
  },
].map(({ name, usual, ...rest }) => ({ name, usual, rule: { name, ...rest } }));

function named(name: string, said: string, severity: ChangeAlertRule['severity'], usual = true) {
  return { kind: 'change' as const, name, usual, said, severity, ...parseChange(said) };
}

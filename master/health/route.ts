// Health of a Gateway API route or policy: as reported by its parents.
import type { KubernetesObject } from '../../src/model.ts';
import type { Health, HealthRule } from './health.ts';
import { byCondition, type Condition, conditionsOf, health, recordsOf, statusOf } from './read.ts';

const kinds = ['HTTPRoute', 'GRPCRoute', 'TCPRoute', 'TLSRoute', 'UDPRoute', 'BackendTLSPolicy'] as const;

export const route = {
  types: kinds.map((kind) => `${kind}.gateway.networking.k8s.io`),
  fields: ['status.parents[].conditions[]', 'status.ancestors[].conditions[]'],
  sentence:
    'Ok when every parent accepts it and resolves what it names; degraded when one does not; failed when none accepts it; progressing ' +
    'until one has spoken.',
  of: routeHealth,
} as const satisfies HealthRule;

interface Word {
  readonly accepted: boolean;
  readonly flaw: Condition | undefined;
}

function routeHealth(object: KubernetesObject): Health {
  const words = parentWords(object);
  if (words.length === 0) return health('progressing', 'NoParent', 'status.parents');
  const flaw = words.find((word) => word.flaw)?.flaw;
  if (!flaw) return health('ok', 'Accepted', 'status.parents');
  if (flaw.status === 'Unknown' || flaw.old) return byCondition('progressing', flaw);
  return byCondition(words.some(({ accepted }) => accepted) ? 'degraded' : 'failed', flaw);
}

function parentWords(object: KubernetesObject): Word[] {
  return ['parents', 'ancestors'].flatMap((list) =>
    recordsOf(statusOf(object)[list]).map(({ at, item }) => {
      const conditions = conditionsOf(object, item, `status.${list}[${at}]`);
      const wanted = ['Accepted', 'ResolvedRefs'].flatMap((type) => conditions.get(type) ?? []);
      const bad = conditions.get('PartiallyInvalid');
      const flaw =
        wanted.find(({ status, old }) => status !== 'True' || old) ?? (bad?.status === 'True' ? bad : undefined);
      return { accepted: conditions.get('Accepted')?.status === 'True', flaw };
    }),
  );
}

import { expect, test } from 'vitest';
import { statefulSetOwnsClaim, statefulSetService } from '../../../master/relations/stateful-set.ts';
import { named, object, referencesOf, ruleCases } from '../../support/rule-cases.ts';

const set = (spec: object, name = 'web') => object('apps/v1', 'StatefulSet', { spec }, { name });
const templates = (...names: string[]) => names.map((name) => ({ metadata: { name } }));
const claim = (name: string, index = 0) => ({
  target: named('PersistentVolumeClaim', name, 'shop'),
  field: `spec.volumeClaimTemplates[${index}]`,
});

ruleCases(statefulSetService, [
  {
    says: 'a StatefulSet uses the Service that governs it',
    object: set({ serviceName: 'web-headless' }),
    refers: [{ target: named('Service', 'web-headless', 'shop'), field: 'spec.serviceName' }],
  },
  { says: 'a StatefulSet may have none', object: set({ serviceName: '' }), refers: [] },
]);

ruleCases(statefulSetOwnsClaim, [
  {
    says: 'a StatefulSet owns a claim of each template for each replica',
    object: set({ replicas: 2, volumeClaimTemplates: templates('data', 'log') }),
    refers: [claim('data-web-0'), claim('data-web-1'), claim('log-web-0', 1), claim('log-web-1', 1)],
  },
  {
    says: 'absent replicas are one',
    object: set({ volumeClaimTemplates: templates('data') }),
    refers: [claim('data-web-0')],
  },
  {
    says: 'ordinals begin where the set says',
    object: set({ replicas: 2, ordinals: { start: 3 }, volumeClaimTemplates: templates('data') }),
    refers: [claim('data-web-3'), claim('data-web-4')],
  },
  {
    says: 'no replicas own no claims',
    object: set({ replicas: 0, volumeClaimTemplates: templates('data') }),
    refers: [],
  },
  { says: 'a set without templates owns none', object: set({ replicas: 3 }), refers: [] },
]);

test('sets whose names overlap own each their own claims', () => {
  const spec = { replicas: 2, volumeClaimTemplates: templates('data') };
  const names = (name: string) => referencesOf(statefulSetOwnsClaim, set(spec, name)).map(({ target }) => target);
  const both = [...names('web'), ...names('a-web')].map((end) => JSON.stringify(end));
  expect(new Set(both).size).toBe(4);
});

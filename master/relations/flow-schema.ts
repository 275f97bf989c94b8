// A FlowSchema's subjects and its priority level.

import { walkerOf } from '../../src/field-paths.ts';
import { isName, isRecord } from '../../src/fields.ts';
import { nameRule } from './names.ts';
import type { Rule } from './relation.ts';

export const flowSchemaLevel = nameRule({
  name: 'flow-schema-level',
  relation: 'uses',
  reads: ['FlowSchema'],
  target: 'PriorityLevelConfiguration',
  fields: ['spec.priorityLevelConfiguration.name'],
  place: 'none',
  dependence: 'source',
  sentence: 'A FlowSchema uses the PriorityLevelConfiguration it names.',
});

const eachSubject = walkerOf('spec.rules[].subjects[]');

export const flowSchemaSubject = {
  name: 'flow-schema-subject',
  relation: 'sorts',
  reads: ['FlowSchema'],
  source: ['FlowSchema'],
  target: ['ServiceAccount', 'User', 'Group'],
  fields: ['spec.rules[].subjects[]'],
  dependence: 'none',
  sentence:
    'A FlowSchema sorts the requests of the ServiceAccounts, Users and Groups among its subjects. `*` means everyone, and no relation is made.',
  infer(object, refer) {
    const seen = new Set<string>();
    eachSubject(object, (subject, path) => {
      const target = isRecord(subject) ? targetOf(subject) : undefined;
      const key = JSON.stringify(target);
      if (!target || target.name === '*' || seen.has(key)) return;
      seen.add(key);
      refer({ target, field: path() });
    });
  },
} as const satisfies Rule;

function targetOf({ kind, ...fields }: { readonly [field: string]: unknown }) {
  if (kind === 'ServiceAccount') {
    const { name, namespace } = recordIn(fields['serviceAccount']);
    if (!isName(name) || !isName(namespace)) return undefined;
    return { by: 'name', type: 'ServiceAccount', namespace, name } as const;
  }
  if (kind !== 'User' && kind !== 'Group') return undefined;
  const { name } = recordIn(fields[kind.toLowerCase()]);
  return isName(name) ? ({ by: 'name', type: kind, name } as const) : undefined;
}

function recordIn(value: unknown): { readonly [field: string]: unknown } {
  return isRecord(value) ? value : {};
}

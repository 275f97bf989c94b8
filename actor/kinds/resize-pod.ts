// `resize-pod`: changes requests and limits of one container of a running Pod, if the API server has the subresource
// `resize` (stable since Kubernetes 1.35). The workload's template stays: the next Pod has the old values.
import { isRecord } from '../../src/fields.ts';
import type { KubernetesObject } from '../../src/model.ts';
import type { Values } from '../action.ts';
import {
  changesOf,
  checkAmounts,
  containerIn,
  differenceFrom,
  isSameResources,
  type Resources,
  resourcesPatch,
  withAmounts,
} from '../resources.ts';
import type { ActionType } from './kind.ts';

const resourcesIn = (values: Values) => values['resources'] as Resources | undefined;
const specOf = (object: KubernetesObject) => (isRecord(object['spec']) ? object['spec'] : {});

export const resizePod = {
  action: 'resize-pod',
  targets: ['Pod'],
  subresource: 'resize',
  check({ wanted, expected }) {
    checkAmounts(wanted, 'wanted');
    checkAmounts(expected, 'expected');
  },
  current: (object, { target }) => ({ resources: containerIn(specOf(object), target.container).resources }),
  unexpected: (current, { expected }) => differenceFrom(expected, resourcesIn(current)),
  intended: (current, { wanted }) => ({ resources: withAmounts(resourcesIn(current), wanted) }),
  isSame: (one, other) => isSameResources(resourcesIn(one), resourcesIn(other)),
  patch(from, to, object, { target }) {
    const { list, name } = containerIn(specOf(object), target.container);
    return { spec: { [list]: [{ name, resources: resourcesPatch(resourcesIn(from), resourcesIn(to)) }] } };
  },
  changes: (current, action) => changesOf(action, resourcesIn(current)),
} as const satisfies ActionType;

// `set-resources`: sets requests and limits of a container in a workload's template, which replaces its Pods.
import type { Values } from '../action.ts';
import {
  changesOf,
  checkAmounts,
  containerIn,
  differenceFrom,
  isSameResources,
  type Resources,
  resourcesPatch,
  templateSpec,
  withAmounts,
} from '../resources.ts';
import type { ActionType } from './kind.ts';

const resourcesIn = (values: Values) => values['resources'] as Resources | undefined;

export const setResources = {
  action: 'set-resources',
  targets: ['Deployment', 'StatefulSet', 'DaemonSet'],
  check({ wanted, expected }) {
    checkAmounts(wanted, 'wanted');
    checkAmounts(expected, 'expected');
  },
  current: (object, { target }) => ({ resources: containerIn(templateSpec(object), target.container).resources }),
  unexpected: (current, { expected }) => differenceFrom(expected, resourcesIn(current)),
  intended: (current, { wanted }) => ({ resources: withAmounts(resourcesIn(current), wanted) }),
  isSame: (one, other) => isSameResources(resourcesIn(one), resourcesIn(other)),
  patch(from, to, object, { target }) {
    const { list, name } = containerIn(templateSpec(object), target.container);
    const resources = resourcesPatch(resourcesIn(from), resourcesIn(to));
    return { spec: { template: { spec: { [list]: [{ name, resources }] } } } };
  },
  changes: (current, action) => changesOf(action, resourcesIn(current)),
} as const satisfies ActionType;

import { flowSchemaLevel, flowSchemaSubject } from '../../../master/relations/flow-schema.ts';
import { clusterObject, named, ruleCases } from '../../support/rule-cases.ts';

const schema = (spec: object) => clusterObject('flowcontrol.apiserver.k8s.io/v1', 'FlowSchema', { spec });

ruleCases(flowSchemaLevel, [
  {
    says: 'the requests of a schema get its level',
    object: schema({ priorityLevelConfiguration: { name: 'system' } }),
    refers: [{ target: named('PriorityLevelConfiguration', 'system'), field: 'spec.priorityLevelConfiguration.name' }],
  },
  { says: 'without a level there is none', object: schema({}), refers: [] },
]);

ruleCases(flowSchemaSubject, [
  {
    says: 'a schema sorts the requests of its subjects, each named once',
    object: schema({
      rules: [
        {
          subjects: [
            { kind: 'ServiceAccount', serviceAccount: { name: 'robot', namespace: 'shop' } },
            { kind: 'Group', group: { name: 'system:nodes' } },
          ],
        },
        {
          subjects: [
            { kind: 'Group', group: { name: 'system:nodes' } },
            { kind: 'User', user: { name: 'jane' } },
          ],
        },
      ],
    }),
    refers: [
      { target: named('ServiceAccount', 'robot', 'shop'), field: 'spec.rules[0].subjects[0]' },
      { target: named('Group', 'system:nodes'), field: 'spec.rules[0].subjects[1]' },
      { target: named('User', 'jane'), field: 'spec.rules[1].subjects[1]' },
    ],
  },
  {
    says: 'everybody is nobody in particular',
    object: schema({ rules: [{ subjects: [{ kind: 'User', user: { name: '*' } }] }] }),
    refers: [],
  },
  {
    says: 'all accounts of a namespace are no one of them',
    object: schema({
      rules: [{ subjects: [{ kind: 'ServiceAccount', serviceAccount: { name: '*', namespace: 'shop' } }] }],
    }),
    refers: [],
  },
]);

import { expect, test } from 'vitest';
import { argoLabelRule } from '../../../master/relations/argo-label.ts';
import { RuleBook } from '../../../master/relations/book.ts';
import { clusterObject, object, ruleCases } from '../../support/rule-cases.ts';

const app = (key: string) => ({ by: 'key', index: 'application', key, only: true }) as const;
const labels = { 'ops.example.com/app': 'team-a_shop' };
const field = 'metadata.labels["ops.example.com/app"]';

ruleCases(argoLabelRule('ops.example.com/app'), [
  {
    says: 'an Application contains what the label of this cluster’s Argo CD names',
    object: object('v1', 'Service', {}, { labels }),
    refers: [{ source: app('team-a/shop'), field, guess: true }],
  },
  {
    says: 'what lies in no namespace, too',
    object: clusterObject('example.com/v1', 'Widget', {}, { labels: { 'ops.example.com/app': 'shop' } }),
    refers: [{ source: app('shop'), field, guess: true }],
  },
  {
    says: 'another label says nothing',
    object: object('v1', 'Service', {}, { labels: { 'ops.example.com/team': 'shop' } }),
    refers: [],
  },
  {
    says: 'where there is the annotation the label is not read',
    object: object(
      'v1',
      'Service',
      {},
      { labels, annotations: { 'argocd.argoproj.io/tracking-id': 'other:/Service:shop/it' } },
    ),
    refers: [],
  },
  {
    says: 'what is controlled has its labels from its owner',
    object: object(
      'apps/v1',
      'ReplicaSet',
      {},
      {
        labels,
        ownerReferences: [{ apiVersion: 'apps/v1', kind: 'Deployment', name: 'd', uid: 'u', controller: true }],
      },
    ),
    refers: [],
  },
]);

test('the rule runs where the setting names a label, and stays when rules of users come and go', () => {
  const names = (book: RuleBook) => book.all.map(({ name }) => name).filter((name) => name.includes('own-label'));
  expect(names(new RuleBook())).toEqual([]);
  const book = new RuleBook({ argoLabel: 'ops.example.com/app' });
  book.declare([{ rule: 'own-a', from: 'Widget.example.com', name: 'spec.a', to: 'Secret' }]);
  book.declare([]);
  expect(names(book)).toEqual(['argo-application-own-label']);
});

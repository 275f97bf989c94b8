// Images with mutable names, or from unknown registries.

import { expect, test } from 'vitest';
import { imageMutable, registryUnknown, registryUnknownByDefault, tagMoved } from '../../../master/findings/images.ts';
import { findingCases } from '../../support/finding-cases.ts';
import { deployment, findingGraph, pod } from '../../support/finding-graph.ts';

const digest = (letter: string) => `sha256:${letter.repeat(64)}`;
const runs = (name: string, letter: string, prefix = '') =>
  pod(
    name,
    {},
    {
      containerStatuses: [
        {
          name: 'main',
          image: 'registry.example/web:1',
          imageID: `${prefix}registry.example/web@${digest(letter)}`,
          state: { running: {} },
        },
      ],
    },
  );

findingCases(tagMoved, [
  { says: 'one tag runs as two images', objects: [runs('a', 'a'), runs('b', 'b')], finds: [`Image:${digest('a')}`] },
  { says: 'as one', objects: [runs('a', 'a'), runs('b', 'a')], finds: [] },
  {
    says: 'a prefix of the runtime is no other image',
    objects: [runs('a', 'a'), runs('b', 'a', 'docker-pullable://')],
    finds: [],
  },
  { says: 'Pods that cannot be read', objects: [runs('a', 'a'), runs('b', 'b')], unknown: ['Pod'], finds: [] },
]);

const of = (image: string) => deployment('web', { containers: [{ name: 'main', image }] });

findingCases(
  imageMutable,
  [
    { says: 'latest', objects: [of('registry.example/web:latest')], finds: ['Deployment:shop/web'] },
    { says: 'no tag', objects: [of('registry.example:5000/web')], finds: ['Deployment:shop/web'] },
    { says: 'a version', objects: [of('registry.example:5000/web:1.2')], finds: [] },
    { says: 'a digest', objects: [of(`web@${digest('a')}`)], finds: [] },
  ],
  { alone: true },
);

findingCases(
  registryUnknown(['registry.example', 'docker.io/library']),
  [
    { says: 'a registry that is not listed', objects: [of('other.example/web:1')], finds: ['Deployment:shop/web'] },
    { says: 'one that is', objects: [of('registry.example/web:1')], finds: [] },
    { says: 'a name without a registry is of Docker Hub', objects: [of('nginx:1')], finds: [] },
  ],
  { alone: true },
);

test('without a list of registries nothing is said', () => {
  expect(findingGraph([of('other.example/web:1')], { rules: [registryUnknownByDefault] }).found()).toEqual([]);
});

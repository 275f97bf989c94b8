// Lanes of a namespace or application, from the entry on the left to configuration on the right.
import { namespaceCommand, namespaceQuestion, namespaceStream, none, rolledUp } from './namespace-question.ts';
import type { View } from './view.ts';

export const lanes = {
  name: 'lanes',
  title: ({ namespace, application }) =>
    application === '' ? namespace : `${application === none ? 'no application' : application} in ${namespace}`,
  question: namespaceQuestion,
  stream: namespaceStream,
  direct: true,
  command: namespaceCommand,
  scene(model, state, memory) {
    const { scene, drawn } = rolledUp(model, state, memory);
    return { scene, memory: { drawn } };
  },
} as const satisfies View;

// The most readable view of a namespace: lanes if there are few cards, otherwise applications.
import { applicationScene } from './applications.ts';
import { namespaceCommand, namespaceQuestion, namespaceStream, rolledUp } from './namespace-question.ts';
import type { View } from './view.ts';

/** More cards than are readable at once. */
const readable = 60;

export const namespace = {
  name: 'namespace',
  title: (state) => state.namespace,
  question: namespaceQuestion,
  stream: namespaceStream,
  direct: true,
  command: namespaceCommand,
  scene(model, state, memory) {
    const { scene, drawn } = rolledUp(model, state, memory);
    // Lanes stay lanes: one more card must not change the kind of picture.
    if (memory.drawn !== undefined || scene.cards.length <= readable) return { scene, memory: { drawn } };
    return { scene: applicationScene(model, state), memory: {} };
  },
} as const satisfies View;

// A namespace as it is read best: its lanes where they are few cards, else its applications.
import { applicationScene } from './applications.ts';
import { namespaceCommand, namespaceQuestion, namespaceStream, rolledUp } from './namespace-question.ts';
import type { View } from './view.ts';

/** More cards than one reads at a look. */
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
    // Once lanes, always lanes: a card more must not turn one picture into another.
    if (memory.drawn !== undefined || scene.cards.length <= readable) return { scene, memory: { drawn } };
    return { scene: applicationScene(model, state), memory: {} };
  },
} as const satisfies View;

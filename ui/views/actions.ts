// Actions of the cluster, where a gateway takes them. A list: live/action-desk.ts asks for them, with a token of their own.
import type { View } from './view.ts';

export const actions = {
  name: 'actions',
  rows: true,
  title: () => 'actions',
  question: () => 'actions',
  load: async () => ({ revision: 0, timestamp: '', resources: [] }),
  scene: () => ({ scene: { form: 'list', lanes: [], cards: [], lines: [], leftOut: [] }, memory: {} }),
} as const satisfies View;

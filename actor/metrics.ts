// The actor's metrics: actions by outcome, and running ones.
import { Counter, collectDefaultMetrics, Gauge, Registry } from 'prom-client';
import type { Actions } from './actions.ts';

export function createMetrics(actions: Actions): Registry {
  const registry = new Registry();
  collectDefaultMetrics({ register: registry });
  const states = new Counter({
    name: 'cluster_insight_actions_total',
    help: 'Actions by kind and by each state that they came to, while this process ran',
    labelNames: ['action', 'state'],
    registers: [registry],
  });
  actions.follow(({ action, state }) => states.inc({ action: action.action, state }));
  new Gauge({
    name: 'cluster_insight_actions_running',
    help: 'Actions that are carried out, or rolled back, now',
    registers: [registry],
    collect() {
      this.set(actions.running);
    },
  });
  return registry;
}

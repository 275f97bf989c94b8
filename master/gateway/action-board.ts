// The latest state of each action of every cluster, as its actor reported it. It outlives connections, but not the process:
// actors report all actions again to a new one.
import type { ToldAction } from '../../src/gateway-protocol/actions-body.ts';
import { getOrMake } from '../../src/get-or-make.ts';

/** Actions kept per cluster. An actor itself has at most 500 open ones. */
const most = 2_000;

export class ActionBoard {
  readonly #clusters = new Map<string, Map<string, ToldAction>>();

  /** Returns whether the action's state is new. */
  put(cluster: string, action: ToldAction): boolean {
    const all = getOrMake(this.#clusters, cluster, () => new Map<string, ToldAction>());
    const before = all.get(action.id);
    all.delete(action.id);
    all.set(action.id, action);
    const [oldest] = all.keys();
    if (all.size > most && oldest !== undefined) all.delete(oldest);
    return before?.state !== action.state;
  }

  get(cluster: string, id: string): ToldAction | undefined {
    return this.#clusters.get(cluster)?.get(id);
  }

  /** Most recently reported first. */
  of(cluster: string): readonly ToldAction[] {
    return [...(this.#clusters.get(cluster)?.values() ?? [])].toReversed();
  }
}

// What actors have told of actions: the newest of each, of every cluster. It outlives connections and not the process, which is told
// all of it again.
import type { ToldAction } from '../../src/gateway-protocol/actions-body.ts';
import { getOrMake } from '../../src/get-or-make.ts';

/** Of one cluster: an actor lets 500 wait. */
const most = 2_000;

export class ActionBoard {
  readonly #clusters = new Map<string, Map<string, ToldAction>>();

  /** Returns whether its state is another one than was known. */
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

  /** Those told last first. */
  of(cluster: string): readonly ToldAction[] {
    return [...(this.#clusters.get(cluster)?.values() ?? [])].toReversed();
  }
}

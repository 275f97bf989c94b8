// Reports what is not a followed kind: the API server as a whole, groups that cannot be asked, and kinds that are left out.
import type { SourceState } from '../../../src/model.ts';

/**
 * Family `groups`: the API server as a whole (`*`), and groups and versions that cannot be asked. Family `leftOut`: what is
 * served and not read. An undefined state ends the report.
 */
export type TellReach = (
  family: string,
  name: string,
  state: SourceState['state'] | undefined,
  reason?: string,
) => void;

const unasked = 'the API server was not asked yet what it serves';

export class ReachReport {
  readonly #tell: TellReach;
  /** What was last reported for each family. */
  readonly #told = new Map<string, ReadonlyMap<string, string>>();

  constructor(tell: TellReach = () => undefined) {
    this.#tell = tell;
    tell('groups', '*', 'syncing', unasked);
  }

  /** Sets one state for the given members of a family, and ends the reports on all others. */
  family(family: string, state: SourceState['state'], reasons: ReadonlyMap<string, string>): void {
    const before = this.#told.get(family) ?? new Map<string, string>();
    this.#told.set(family, reasons);
    for (const name of before.keys()) if (!reasons.has(name)) this.#tell(family, name, undefined);
    for (const [name, reason] of reasons) if (before.get(name) !== reason) this.#tell(family, name, state, reason);
  }

  /**
   * State of the API server as a whole. `failure`: why discovery fails. `isKnown`: it succeeded before, so what is known may be
   * outdated. `nothing`: why nothing may be read.
   */
  reach(failure: string | undefined, isKnown: boolean, nothing: string | undefined): void {
    if (failure !== undefined) {
      const said = `the API server does not say what it serves: ${failure}`;
      this.#tell('groups', '*', isKnown ? 'stale' : 'syncing', said);
    } else if (isKnown) {
      if (nothing === undefined) this.#tell('groups', '*', 'synced');
      else this.#tell('groups', '*', 'forbidden', nothing);
    }
  }
}

// Processes of running containers: read each round in one pass over `/proc`, or requested from the runtime if `/proc` does
// not show them.
import { mapBounded } from '../../src/concurrency.ts';
import { fault } from '../../src/errors.ts';
import { type Process, snapshotLimits } from '../../src/minion-api.ts';
import type { Engine } from '../engine.ts';
import type { Outgoing } from '../outgoing.ts';
import type { ProcessReader } from '../proc/processes.ts';
import type { Runtime } from '../runtimes/runtime.ts';
import { atOnce, type Held } from './containers.ts';
import { codeOf, messageOf } from './failure.ts';

/** The known processes of a container. */
export interface Listed {
  readonly processes?: readonly Process[];
  readonly error?: string;
}

export interface ProcessInventoryOptions {
  readonly engine: Engine;
  readonly outgoing: Outgoing;
  readonly reader: ProcessReader;
}

export class ProcessInventory {
  readonly #options: ProcessInventoryOptions;
  #listed: ReadonlyMap<string, Listed> = new Map();

  constructor(options: ProcessInventoryOptions) {
    this.#options = options;
  }

  /** For a container id, as of the last round. */
  of(id: string): Listed | undefined {
    return this.#listed.get(id);
  }

  /** @throws Fault if the runtime cannot be asked. */
  async read(containers: readonly Held[], runtime: Runtime): Promise<void> {
    const running = containers.filter((held) => held.running);
    const own = await this.#options.reader.read(new Map(running.map(({ id, pid }) => [id, pid])));
    // If other containers are visible, an invisible one has just ended.
    const unseen = ({ id }: Held): Listed =>
      own.size === 0 ? { error: fault('processes_unseen', { id }).message } : {};
    const found = await mapBounded(running, atOnce, async (held) => {
      const processes = own.get(held.id);
      if (processes) return { processes };
      return runtime.knowsProcesses ? this.#ask(held.id) : unseen(held);
    });
    this.#listed = this.#bounded(running, found);
  }

  /** The runtime may know processes that `/proc` does not show. */
  async #ask(id: string): Promise<Listed> {
    try {
      return { processes: await this.#options.engine.call('listProcesses', (one) => one.listProcesses(id)) };
    } catch (error) {
      const code = codeOf(error);
      if (code === 'engine_down') throw error;
      // It ended after the list: the next round will show that.
      return code === 'container_not_found' || code === 'container_not_running' ? {} : { error: messageOf(error) };
    }
  }

  /** Limited per container and in total, and redacted. */
  #bounded(running: readonly Held[], found: readonly Listed[]): Map<string, Listed> {
    let left: number = snapshotLimits.processes;
    const listed = new Map<string, Listed>();
    for (const [index, { id }] of running.entries()) {
      const { processes, error } = found[index] ?? {};
      const kept = processes?.slice(0, Math.min(left, snapshotLimits.processesOfContainer));
      left -= kept?.length ?? 0;
      const more = (processes?.length ?? 0) - (kept?.length ?? 0);
      const why = more > 0 ? moreProcesses(more) : error;
      const outgoing = kept && { processes: this.#options.outgoing.processes(kept) };
      listed.set(id, { ...outgoing, ...(why === undefined ? {} : { error: why }) });
    }
    return listed;
  }
}

export function moreProcesses(count: number): string {
  return `${count} more processes are not listed`;
}

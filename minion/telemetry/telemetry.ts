// Runs the configured probes: starts those whose requirements are met, logs once what others lack, and queries all in each
// round. A failing probe does not affect others.
import { Counter, Gauge, type Registry } from 'prom-client';
import type { Clock } from '../../src/clock.ts';
import { badSetting } from '../../src/errors.ts';
import type { Logger } from '../../src/logger.ts';
import type { Held } from '../inventory/containers.ts';
import { probes as registered } from '../probes/index.ts';
import type { Probe, ProbedNode, Round, RunningProbe } from '../probes/probe.ts';
import { readText } from '../probes/read.ts';
import { answerOf, type TelemetryAnswer, telemetryOf } from './answer.ts';
import { Collected } from './collected.ts';
import { ContainerList } from './containers.ts';
import { expose } from './exposition.ts';

export interface TelemetryOptions {
  /** Names of probes. */
  readonly wanted: readonly string[];
  readonly known?: ReadonlyMap<string, Probe>;
  readonly node: ProbedNode;
  /** Name of the node, if known. */
  readonly nodeName?: string | undefined;
  /** The runtime's containers, updated if due. */
  readonly held: () => Promise<readonly Held[]>;
  readonly registry: Registry;
  /** Prefix of metric names. */
  readonly prefix: string;
  readonly clock: Clock;
  readonly logger: Logger;
  /** Milliseconds for which a round stays valid. */
  readonly freshFor?: number;
}

interface Running {
  readonly name: string;
  readonly probe: RunningProbe;
}

export class Telemetry {
  readonly #options: TelemetryOptions;
  readonly #containers: ContainerList;
  readonly #running: readonly Running[];
  /** `running`, or why not. */
  readonly #states = new Map<string, string>();
  readonly #dropped: Counter;
  #last: Collected | undefined;
  #asking: Promise<Collected> | undefined;

  /** @throws Fault `bad_setting` for an unknown probe. */
  constructor(options: TelemetryOptions) {
    this.#options = options;
    this.#containers = new ContainerList(options.node);
    const { registry, prefix, node } = options;
    this.#dropped = new Counter({
      name: 'cluster_insight_probe_dropped_total',
      help: 'What probes left out because a bound was met, or the kernel had no room for it',
      labelNames: ['probe', 'what'],
      registers: [registry],
    });
    this.#running = this.#start();
    new Gauge({
      name: 'cluster_insight_probe_up',
      help: '1 where a probe that was asked for runs and its last round went well',
      labelNames: ['probe'],
      registers: [registry],
      collect: this.#collectStates(),
    });
    expose({ registry, prefix, machineId: machineIdOf(node), collected: () => this.#last });
  }

  /** The current reports: one round for all concurrent callers. */
  async round(): Promise<Collected> {
    const { clock, freshFor = 5000 } = this.#options;
    if (this.#last && clock() - this.#last.at < freshFor) return this.#last;
    this.#asking ??= this.#ask().finally(() => {
      this.#asking = undefined;
    });
    return this.#asking;
  }

  async answer(): Promise<TelemetryAnswer> {
    const collected = await this.round();
    return answerOf(telemetryOf(this.#options.nodeName, Object.fromEntries(this.#states), collected));
  }

  close(): void {
    for (const { probe } of this.#running) probe.close?.();
  }

  #collectStates() {
    const states = this.#states;
    return function collect(this: Gauge<'probe'>) {
      for (const [probe, state] of states) this.set({ probe }, state === 'running' ? 1 : 0);
    };
  }

  #start(): Running[] {
    const { wanted, known = registered, node, logger } = this.#options;
    const running: Running[] = [];
    for (const name of new Set(wanted)) {
      const probe = known.get(name);
      if (!probe) throw badSetting('CLUSTER_INSIGHT_PROBES', `names ${name}; there is ${[...known.keys()].join(', ')}`);
      try {
        const missing = probe.needs.filter((need) => !need.isMet(node)).map(({ what }) => what);
        if (missing.length > 0) throw new Error(`it needs ${missing.join(', and ')}`);
        running.push({ name, probe: probe.start(node) });
        this.#states.set(name, 'running');
      } catch (error) {
        const reason = error instanceof Error ? error.message : String(error);
        this.#states.set(name, reason);
        logger.warn({ probe: name, reason }, 'a probe that is asked for does not run');
      }
    }
    return running;
  }

  async #ask(): Promise<Collected> {
    const { clock, held } = this.#options;
    const containers = await held();
    const round = this.#containers.round(containers, clock());
    const collected = new Collected(round.at);
    for (const each of this.#running) await this.#askOne(each, round, collected);
    for (const [probe, counts] of collected.dropped)
      for (const [what, count] of counts) this.#dropped.inc({ probe, what }, count);
    this.#last = collected;
    return collected;
  }

  async #askOne({ name, probe }: Running, round: Round, collected: Collected): Promise<void> {
    const before = this.#states.get(name);
    try {
      await probe.samples?.(round, collected.samplesOf(name));
      await probe.facts?.(round, collected.factsOf(name));
      this.#states.set(name, 'running');
    } catch (error) {
      const reason = error instanceof Error ? error.message : String(error);
      this.#states.set(name, reason);
      if (before !== reason) this.#options.logger.error({ err: error, probe: name }, 'a probe failed');
    }
  }
}

/** Identifies this machine, in the form that other monitoring agents use. */
function machineIdOf({ root, proc }: ProbedNode): string {
  const places = ['etc/machine-id', 'var/lib/dbus/machine-id', 'sys/class/dmi/id/product_uuid'];
  const read = (place: string) => (readText(`${root}/${place}`) ?? readText(`${proc}/1/root/${place}`))?.trim();
  const found = places.map(read).find((text) => text);
  return (found ?? '').replaceAll('-', '').toLowerCase();
}

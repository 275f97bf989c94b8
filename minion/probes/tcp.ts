// Connections by container: opened, failed and open ones, and listening addresses.
import { createReadStream } from 'node:fs';
import { setImmediate as turn } from 'node:timers/promises';
import { optimizeHotCode } from '../../src/optimizer.ts';
import { repeat } from '../../src/repeat.ts';
import { telemetryLimits } from '../../src/telemetry-api.ts';
import { nodePidsSeen } from './needs.ts';
import type { Probe, ProbedNode, Round, Samples } from './probe.ts';
import { isCounted } from './tcp/address.ts';
import { Connections } from './tcp/connections.ts';
import { Owners } from './tcp/owners.ts';
import { endsInNamespaces, socketsOfProcesses } from './tcp/sockets.ts';
import { traceFolderIn } from './tcp/trace-instance.ts';
import { Tracer } from './tcp/tracer.ts';
import { readTranslations } from './tcp/translations.ts';

/** Milliseconds between two reads of events. With 1 MiB per processor the next may come 0.3 s late at 10,000 connections a second. */
const pollPeriod = 50;
/** Events of one read that make a node busy: 10,000 a second. */
const busy = 500;
/** Milliseconds between two reads of translations: the kernel keeps an entry for two minutes after a connection ends. */
const translatePeriod = 5000;

export const tcp = {
  name: 'tcp',
  needs: [
    nodePidsSeen,
    {
      what: 'trace events that may be written to (/sys/kernel/tracing, as root)',
      isMet: ({ root }) => traceFolderIn(root) !== undefined,
    },
  ],
  start: (node) => new TcpProbe(node),
} as const satisfies Probe;

class TcpProbe {
  readonly #node: ProbedNode;
  readonly #owners: Owners;
  readonly #connections: Connections;
  readonly #tracer: Tracer;
  readonly #stops: readonly (() => void)[];
  /** Why counting stopped. */
  #failure: unknown;
  #isBusy = false;
  #isHot = false;
  #skipped = false;
  readonly #dropped = new Map<string, number>();
  readonly #scanned = new Set<string>();
  #toldLost = 0;
  #translating: Promise<void> | undefined;

  constructor(node: ProbedNode) {
    this.#node = node;
    this.#connections = new Connections((what) => this.#drop(what));
    // First the events, then the current state: overlaps are seen twice, nothing is missed.
    this.#owners = new Owners(node.proc);
    const folder = traceFolderIn(node.root);
    if (folder === undefined) throw new Error('tracefs is not mounted');
    this.#tracer = new Tracer({ folder, owners: this.#owners, connections: this.#connections });
    this.#stops = [
      repeat(pollPeriod, () => this.#lookAtTimes(), node.logger),
      repeat(translatePeriod, () => this.#translate(), node.logger),
    ];
  }

  async samples(round: Round, out: Samples): Promise<void> {
    this.#look();
    // Old counts would look current.
    if (this.#failure !== undefined)
      throw new Error('the trace events can no longer be read', { cause: this.#failure });
    await this.#scan(round);
    this.#reconcile(round);
    await this.#translate();
    this.#connections.forget(round.at);
    this.#tellDrops(out);
    const byId = new Map(round.containers.map((container) => [container.id, container]));
    for (const { owner, destination, actual = destination, ...flow } of this.#connections.flows()) {
      const container = byId.get(owner);
      if (!container) continue;
      const labels = { destination, actual_destination: actual };
      const tell = (metric: Parameters<Samples['container']>[1], value: number) =>
        out.container(container, metric, value, labels);
      if (flow.opened > 0) tell('container_net_tcp_successful_connects_total', flow.opened);
      if (flow.opened > 0) tell('container_net_tcp_connection_time_seconds_total', flow.seconds);
      tell('container_net_tcp_active_connections', flow.open);
      if (flow.retransmits > 0) tell('container_net_tcp_retransmits_total', flow.retransmits);
      if (flow.failed > 0)
        out.container(container, 'container_net_tcp_failed_connects_total', flow.failed, { destination });
    }
    for (const { owner, address, open } of this.#connections.listens()) {
      const container = byId.get(owner);
      const labels = { listen_addr: address, proxy: '' };
      if (container) out.container(container, 'container_net_tcp_listen_info', open > 0 ? 1 : 0, labels);
    }
  }

  facts(round: Round, out: Parameters<NonNullable<ReturnType<Probe['start']>['facts']>>[1]): void {
    const listens = new Map<string, string[]>();
    for (const { owner, address, open } of this.#connections.listens())
      if (open > 0) listens.set(owner, [...(listens.get(owner) ?? []), address]);
    const byId = new Map(round.containers.map((container) => [container.id, container]));
    for (const [id, addresses] of listens) {
      const container = byId.get(id);
      const listensOn = addresses.toSorted().slice(0, telemetryLimits.listens);
      if (container) out.container(container, { listensOn });
    }
    for (const { owner, destination, actual, first, last, open, lastFailed } of this.#connections.flows()) {
      const container = byId.get(owner);
      if (!container || container.isService) continue;
      const where = { destination, actual: actual ?? destination };
      const seen = { first, last: open > 0 ? round.at : last, open, failed: lastFailed };
      out.connection(container, { ...where, ...seen });
    }
  }

  close(): void {
    for (const stop of this.#stops) stop();
    this.#tracer.close();
  }

  /** Every second time is enough for a node with little to tell. */
  #lookAtTimes(): void {
    this.#skipped = !this.#skipped && !this.#isBusy;
    if (!this.#skipped) this.#look();
  }

  #look(): void {
    try {
      const events = this.#tracer.look(this.#node.clock());
      this.#isBusy = events > busy;
      if (this.#isBusy && !this.#isHot) {
        this.#isHot = true;
        optimizeHotCode();
      }
    } catch (error) {
      this.#failure = error;
      for (const stop of this.#stops) stop();
    }
  }

  /** Connections from before this probe, for containers seen for the first time. */
  async #scan({ containers, at, pidsOf }: Round): Promise<void> {
    const isFirst = this.#scanned.size === 0;
    for (const container of containers) {
      if (this.#scanned.has(container.id)) continue;
      this.#scanned.add(container.id);
      // Newer containers were seen from their start.
      const pids = isFirst ? pidsOf(container) : [];
      if (pids.length === 0) continue;
      await turn();
      const { listens, outbound, isCut } = socketsOfProcesses(this.#node.proc, pids);
      if (isCut) this.#drop('sockets from before');
      for (const address of listens)
        if (!address.host.startsWith('127.') && address.host !== '::1')
          this.#connections.foundListening(container.id, address, at);
      for (const [local, remote] of outbound)
        if (isCounted(remote.host)) this.#connections.found(container.id, local, remote, at);
    }
    const known = new Set(containers.map(({ id }) => id));
    for (const id of this.#scanned) if (!known.has(id)) this.#scanned.delete(id);
  }

  /** Where an end was lost, a connection would be open for ever. */
  #reconcile({ containers, at, pidsOf }: Round): void {
    if (this.#tracer.lost === this.#toldLost) return;
    const open = new Set(this.#connections.flows().flatMap(({ owner, open: count }) => (count > 0 ? owner : [])));
    for (const container of containers) {
      if (!open.has(container.id)) continue;
      const began = Number(process.hrtime.bigint());
      const ends = endsInNamespaces(this.#node.proc, pidsOf(container));
      if (ends) this.#connections.reconcile(container.id, ends, began, at);
    }
  }

  #translate(): Promise<void> {
    if (!this.#connections.waitsForTranslation) return Promise.resolve();
    this.#translating ??= this.#translateNow().finally(() => {
      this.#translating = undefined;
    });
    return this.#translating;
  }

  /** Without the kernel's table the dialled address counts as the target. */
  async #translateNow(): Promise<void> {
    const file = createReadStream(`${this.#node.proc}/1/net/nf_conntrack`, { encoding: 'utf8' });
    const table = await readTranslations(file).catch(() => new Map<string, string>());
    const translate = (source: { host: string; port: number }, target: string) =>
      table.get(`${source.host.includes(':') ? `[${source.host}]` : source.host}:${source.port} ${target}`);
    this.#connections.translate(translate, this.#node.clock());
  }

  #drop(what: string): void {
    this.#dropped.set(what, (this.#dropped.get(what) ?? 0) + 1);
  }

  #tellDrops(out: Samples): void {
    for (const [what, count] of this.#dropped) out.drop(what, count);
    this.#dropped.clear();
    const { lost } = this.#tracer;
    if (lost > this.#toldLost) out.drop('events', lost - this.#toldLost);
    this.#toldLost = lost;
  }
}

// Counts connections by container and destination from their sockets' state changes. No I/O.
import { getOrMake } from '../../../src/get-or-make.ts';

export interface Address {
  readonly host: string;
  readonly port: number;
}

/** One state change of a socket. */
export interface StateChange {
  /** Monotonic nanoseconds. */
  readonly time: number;
  /** The kernel's address of the socket: constant for its life, reused afterwards. */
  readonly socket: number;
  readonly before: number;
  readonly after: number;
  readonly source: Address;
  readonly target: Address;
  /** Only for connecting and listening. */
  readonly owner: string | undefined;
}

/** TCP states in Linux's numbering. */
export const tcpStates = { established: 1, synSent: 2, close: 7, listen: 10 } as const;

export interface Flow {
  readonly owner: string;
  readonly destination: string;
  /** Undefined until known. */
  actual: string | undefined;
  opened: number;
  failed: number;
  open: number;
  retransmits: number;
  /** Total time to open, in seconds. */
  seconds: number;
  /** Milliseconds since the epoch. */
  readonly first: number;
  last: number;
  lastFailed: boolean;
}

interface Socket {
  readonly owner: string;
  readonly destination: string;
  readonly began: number;
  flow: Flow | undefined;
  source: Address | undefined;
  retransmits: number;
  /** Time to open. */
  seconds: number;
  isOpen: boolean;
}

export interface Listening {
  readonly owner: string;
  readonly address: string;
  /** Number of listening sockets; 0 if recently closed. */
  open: number;
  last: number;
}

export interface ConnectionLimits {
  readonly sockets: number;
  readonly flowsOfOwner: number;
  readonly listensOfOwner: number;
  /** Milliseconds until ended ones are forgotten. */
  readonly keptFor: number;
}

export const usualLimits: ConnectionLimits = {
  sockets: 200_000,
  flowsOfOwner: 500,
  listensOfOwner: 64,
  keptFor: 600_000,
};

export type Drop = (what: string) => void;

/** Finds the real target by both ends; undefined if it was not translated. */
export type Translate = (source: Address, target: string) => string | undefined;

export class Connections {
  readonly #limits: ConnectionLimits;
  readonly #drop: Drop;
  readonly #sockets = new Map<number, Socket>();
  readonly #listeners = new Map<number, Listening>();
  /** By owner, then by dialled and real destination. */
  readonly #flows = new Map<string, Map<string, Flow>>();
  readonly #listens = new Map<string, Map<string, Listening>>();
  /** Opened, and not looked up yet. */
  readonly #untranslated = new Set<Socket>();
  /** Open before the first event, by the port of the source, then by both ends. */
  readonly #earlier = new Map<number, Map<string, Flow>>();

  constructor(drop: Drop, limits: ConnectionLimits = usualLimits) {
    this.#drop = drop;
    this.#limits = limits;
  }

  flows(): Flow[] {
    return [...this.#flows.values()].flatMap((flows) => [...flows.values()]);
  }

  listens(): Listening[] {
    return [...this.#listens.values()].flatMap((listens) => [...listens.values()]);
  }

  get waitsForTranslation(): boolean {
    return this.#untranslated.size > 0;
  }

  /** `now`: milliseconds since the epoch. */
  change(change: StateChange, now: number): void {
    const { synSent, established, close, listen } = tcpStates;
    const { before, after, socket } = change;
    if (after === synSent) this.#connecting(change);
    else if (before === synSent && after === established) this.#established(change, now);
    else if (before === synSent && after === close) this.#refused(change, now);
    else if (after === close && before !== listen) this.#ended(change, now);
    if (after === listen) this.#listening(change, now);
    else if (before === listen) this.#deaf(socket, now);
  }

  retransmitted(socket: number): void {
    const known = this.#sockets.get(socket);
    if (!known) return;
    known.retransmits++;
    if (known.flow) known.flow.retransmits++;
  }

  /** A connection or listening address from before the first event. */
  found(owner: string, source: Address, target: Address, now: number): void {
    const flow = this.#flowOf(owner, textOf(target), undefined, now);
    if (!flow) return;
    flow.open++;
    getOrMake(this.#earlier, source.port, () => new Map<string, Flow>()).set(endsOf(source, target), flow);
  }

  foundListening(owner: string, address: Address, now: number): void {
    const listening = this.#listenOf(owner, textOf(address), now);
    // The number of sockets is unknown: later ones are counted.
    if (listening) listening.open = Math.max(1, listening.open);
  }

  /** Looks up the targets of connections opened since the last call. */
  translate(translate: Translate, now: number): void {
    for (const socket of this.#untranslated) {
      const { owner, destination, source, flow } = socket;
      const actual = (source && translate(source, destination)) ?? destination;
      if (flow && actual !== destination) this.#move(socket, flow, this.#flowOf(owner, destination, actual, now));
    }
    this.#untranslated.clear();
  }

  forget(now: number): void {
    for (const [owner, flows] of this.#flows) {
      for (const [key, { open, last }] of flows) if (open === 0 && now - last > this.#limits.keptFor) flows.delete(key);
      if (flows.size === 0) this.#flows.delete(owner);
    }
    for (const [owner, listens] of this.#listens) {
      for (const [key, { open, last }] of listens)
        if (open === 0 && now - last > this.#limits.keptFor) listens.delete(key);
      if (listens.size === 0) this.#listens.delete(owner);
    }
  }

  #connecting({ socket, owner, target, time }: StateChange): void {
    this.#sockets.delete(socket);
    if (owner === undefined || !isCounted(target.host)) return;
    if (this.#sockets.size >= this.#limits.sockets) return this.#drop('sockets');
    this.#sockets.set(socket, {
      owner,
      destination: textOf(target),
      began: time,
      flow: undefined,
      source: undefined,
      retransmits: 0,
      seconds: 0,
      isOpen: false,
    });
  }

  #established({ socket, source, time }: StateChange, now: number): void {
    const known = this.#sockets.get(socket);
    const flow = known && this.#flowOf(known.owner, known.destination, undefined, now);
    if (!known || !flow) return;
    known.flow = flow;
    known.source = source;
    known.isOpen = true;
    flow.opened++;
    flow.open++;
    known.seconds = Math.max(0, time - known.began) / 1e9;
    flow.seconds += known.seconds;
    flow.retransmits += known.retransmits;
    flow.last = now;
    flow.lastFailed = false;
    this.#untranslated.add(known);
  }

  #refused({ socket }: StateChange, now: number): void {
    const known = this.#sockets.get(socket);
    this.#sockets.delete(socket);
    const flow = known && this.#flowOf(known.owner, known.destination, undefined, now);
    if (!flow) return;
    flow.failed++;
    flow.retransmits += known.retransmits;
    flow.last = now;
    flow.lastFailed = true;
  }

  #ended({ socket, source, target }: StateChange, now: number): void {
    const known = this.#sockets.get(socket);
    if (known) {
      this.#sockets.delete(socket);
      known.isOpen = false;
      if (known.flow) closed(known.flow, now);
      return;
    }
    // Most are the other ends of connections, accepted by servers: making text of their ends costs more than all else.
    const earlier = this.#earlier.get(source.port);
    if (!earlier) return;
    const ends = endsOf(source, target);
    const flow = earlier.get(ends);
    if (!flow) return;
    earlier.delete(ends);
    if (earlier.size === 0) this.#earlier.delete(source.port);
    closed(flow, now);
  }

  #listening({ socket, owner, source }: StateChange, now: number): void {
    if (owner === undefined || isLoopback(source.host)) return;
    const listening = this.#listenOf(owner, textOf(source), now);
    if (!listening) return;
    listening.open++;
    this.#listeners.set(socket, listening);
  }

  #deaf(socket: number, now: number): void {
    const listening = this.#listeners.get(socket);
    if (!listening) return;
    this.#listeners.delete(socket);
    listening.open = Math.max(0, listening.open - 1);
    listening.last = now;
  }

  #flowOf(owner: string, destination: string, actual: string | undefined, now: number): Flow | undefined {
    const flows = this.#flows.get(owner) ?? new Map<string, Flow>();
    this.#flows.set(owner, flows);
    const key = actual === undefined ? destination : `${destination} ${actual}`;
    const known = flows.get(key);
    if (known) return known;
    if (flows.size >= this.#limits.flowsOfOwner) {
      this.#drop('destinations');
      return undefined;
    }
    const made: Flow = {
      owner,
      destination,
      actual,
      opened: 0,
      failed: 0,
      open: 0,
      retransmits: 0,
      seconds: 0,
      first: now,
      last: now,
      lastFailed: false,
    };
    flows.set(key, made);
    return made;
  }

  #listenOf(owner: string, address: string, now: number): Listening | undefined {
    const listens = this.#listens.get(owner) ?? new Map<string, Listening>();
    this.#listens.set(owner, listens);
    const known = listens.get(address);
    if (known) return known;
    if (listens.size >= this.#limits.listensOfOwner) {
      this.#drop('listens');
      return undefined;
    }
    const made: Listening = { owner, address, open: 0, last: now };
    listens.set(address, made);
    return made;
  }

  /** Moves a connection from its dialled destination to the real one. */
  #move(socket: Socket, from: Flow, to: Flow | undefined): void {
    if (!to) return;
    from.opened--;
    to.opened++;
    from.seconds = Math.max(0, from.seconds - socket.seconds);
    to.seconds += socket.seconds;
    from.retransmits -= socket.retransmits;
    to.retransmits += socket.retransmits;
    if (socket.isOpen) {
      from.open--;
      to.open++;
    }
    to.last = Math.max(to.last, from.last);
    socket.flow = to;
    if (from.opened === 0 && from.failed === 0 && from.open === 0)
      this.#flows.get(from.owner)?.delete(from.destination);
  }
}

function closed(flow: Flow, now: number): void {
  flow.open = Math.max(0, flow.open - 1);
  flow.last = now;
}

export function textOf({ host, port }: Address): string {
  return host.includes(':') ? `[${host}]:${port}` : `${host}:${port}`;
}

function endsOf(source: Address, target: Address): string {
  return `${textOf(source)} ${textOf(target)}`;
}

function isLoopback(host: string): boolean {
  return host.startsWith('127.') || host === '::1';
}

/** Loopback stays within a Pod, and link-local addresses mean nothing elsewhere. */
export function isCounted(host: string): boolean {
  return !isLoopback(host) && !/^(?:169\.254\.|fe[89ab][0-9a-f]:|0\.0\.0\.0$|::$)/.test(host);
}

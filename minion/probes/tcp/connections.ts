// Counts connections by container and destination from their sockets' state changes. No I/O.
import { getOrMake } from '../../../src/get-or-make.ts';
import { type Address, endsOf, isLoopback, textOf } from './address.ts';
import { Destinations } from './destinations.ts';

/** One state change of a socket. Valid during the call: nothing keeps it. */
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
  /** What the last look at translations said of its connections: none, or some were translated. */
  lookedUp: 'direct' | 'translated' | undefined;
  /** Connections to look up. */
  waiting: number;
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
  /** Connections between two looks at translations. */
  readonly waiting: number;
  /** The same of a destination that is not translated: one is enough to see that it is now. */
  readonly waitingOfDirect: number;
  /** Milliseconds until ended ones are forgotten. */
  readonly keptFor: number;
}

export const usualLimits: ConnectionLimits = {
  sockets: 200_000,
  flowsOfOwner: 500,
  listensOfOwner: 64,
  waiting: 100_000,
  waitingOfDirect: 16,
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
  /** Opened, and to be looked up. */
  #untranslated: Socket[] = [];
  readonly #destinations = new Destinations();
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
    return this.#untranslated.length > 0;
  }

  /** `now`: milliseconds since the epoch. */
  change(change: StateChange, now: number): void {
    const { synSent, established, close, listen } = tcpStates;
    const { before, after, socket } = change;
    if (after === synSent) this.#connecting(change, now);
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
    const waiting = this.#untranslated;
    this.#untranslated = [];
    for (const { flow } of waiting) {
      if (!flow) continue;
      flow.waiting = 0;
      flow.lookedUp ??= 'direct';
    }
    for (const socket of waiting) {
      const { owner, destination, source, flow } = socket;
      const actual = (source && translate(source, destination)) ?? destination;
      if (!flow || actual === destination) continue;
      flow.lookedUp = 'translated';
      this.#move(socket, flow, this.#flowOf(owner, destination, actual, now));
    }
  }

  /**
   * After events were lost: ends the connections of a container that are not there any more. `ends`: of all its sockets, as text of
   * source and target; `began`: only connections from before this time, in monotonic nanoseconds.
   */
  reconcile(owner: string, ends: ReadonlySet<string>, began: number, now: number): void {
    for (const [socket, known] of this.#sockets) {
      if (known.owner !== owner || !known.source || known.began >= began) continue;
      if (!ends.has(`${textOf(known.source)} ${known.destination}`)) this.#over(socket, now);
    }
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

  #connecting({ socket, owner, target, time }: StateChange, now: number): void {
    this.#over(socket, now);
    const destination = owner === undefined ? undefined : this.#destinations.of(target);
    if (owner === undefined || destination === undefined) return;
    if (this.#sockets.size >= this.#limits.sockets) return this.#drop('sockets');
    this.#sockets.set(socket, {
      owner,
      destination,
      began: time,
      flow: undefined,
      source: undefined,
      retransmits: 0,
      seconds: 0,
      isOpen: false,
    });
  }

  #established(change: StateChange, now: number): void {
    const known = this.#sockets.get(change.socket);
    const flow = known && this.#flowOf(known.owner, known.destination, undefined, now);
    if (!known || !flow) return;
    known.flow = flow;
    known.source = change.source;
    known.isOpen = true;
    flow.opened++;
    flow.open++;
    known.seconds = Math.max(0, change.time - known.began) / 1e9;
    flow.seconds += known.seconds;
    flow.retransmits += known.retransmits;
    flow.last = now;
    flow.lastFailed = false;
    this.#wait(known, flow);
  }

  /** Of what is dialled often, most is not translated: to keep all of that would cost more than to count it. */
  #wait(socket: Socket, flow: Flow): void {
    const { waiting, waitingOfDirect } = this.#limits;
    if (flow.lookedUp === 'direct' && flow.waiting >= waitingOfDirect) return;
    if (this.#untranslated.length >= waiting) return this.#drop('translations');
    flow.waiting++;
    this.#untranslated.push(socket);
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

  #ended(change: StateChange, now: number): void {
    const { socket } = change;
    if (this.#over(socket, now)) return;
    // Most are the other ends of connections, accepted by servers: reading and making text of their ends costs the most.
    if (this.#earlier.size === 0) return;
    const { source } = change;
    const earlier = this.#earlier.get(source.port);
    if (!earlier) return;
    const ends = endsOf(source, change.target);
    const flow = earlier.get(ends);
    if (!flow) return;
    earlier.delete(ends);
    if (earlier.size === 0) this.#earlier.delete(source.port);
    closed(flow, now);
  }

  /** It ended, or its end was lost and its place is used again. False if it is unknown. */
  #over(socket: number, now: number): boolean {
    const known = this.#sockets.get(socket);
    if (!known) return false;
    this.#sockets.delete(socket);
    if (known.isOpen && known.flow) closed(known.flow, now);
    known.isOpen = false;
    return true;
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
      lookedUp: undefined,
      waiting: 0,
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

// An agent and a gateway in one process, over joined wires, in virtual time.
import { Agents } from '../../master/gateway/agents.ts';
import { Enrolments } from '../../master/gateway/enrolments.ts';
import type { Positions } from '../../master/gateway/positions.ts';
import type { OpenReceiver, ReceivedRecord } from '../../master/gateway/receiver.ts';
import { Session } from '../../master/gateway/session.ts';
import type { MonotonicTime } from '../../src/clock.ts';
import type { Scheme } from '../../src/gateway-protocol/proof.ts';
import { type MessageClass, messageClasses } from '../../src/gateway-protocol/protocol.ts';
import { silentLogger } from '../../src/logger.ts';
import { Commands } from '../../src/uplink/commands.ts';
import type { OpenSource } from '../../src/uplink/source.ts';
import { Spool } from '../../src/uplink/spool/spool.ts';
import { Uplink } from '../../src/uplink/uplink.ts';
import { stillClock } from './still-clock.ts';
import { createVirtualTime, type VirtualTime } from './virtual-time.ts';
import { type WirePair, wirePair } from './wire-pair.ts';

export interface Taken extends ReceivedRecord {
  readonly class: MessageClass;
  readonly hole: boolean;
  /** Arrival in virtual milliseconds. */
  readonly arrived: number;
}

/** A gateway without a server. */
export class TestGateway {
  readonly enrolments: Enrolments;
  readonly agents: Agents;
  readonly taken: Taken[] = [];
  readonly refused: string[] = [];
  readonly #sessions = new Set<Session>();
  readonly #time: VirtualTime;
  readonly #schemes: readonly Scheme[];
  up = true;

  /** `own` replaces receivers that only remember. */
  constructor(
    folder: string,
    time: VirtualTime,
    schemes: readonly Scheme[] = ['hmac-sha512'],
    own: { readonly [one in MessageClass]?: OpenReceiver } = {},
    positions?: Positions,
  ) {
    this.#time = time;
    this.#schemes = schemes;
    this.enrolments = new Enrolments(folder, time.clock);
    const receiver = (one: MessageClass) => () => ({
      take: (record: ReceivedRecord, hole: boolean) => {
        this.taken.push({ ...record, class: one, hole, arrived: time.clock() });
      },
    });
    const receivers = Object.fromEntries(messageClasses.map((one) => [one, receiver(one)]));
    this.agents = new Agents({
      enrolments: this.enrolments,
      receivers: { ...receivers, ...own },
      ...(positions ? { positions } : {}),
      logger: silentLogger,
    });
  }

  /** Opens a session over a new pair. */
  accept(): WirePair {
    const pair = wirePair();
    const session: Session = new Session({
      wire: pair.gateway,
      agents: this.agents,
      handshake: { gateway: 'test', schemes: this.#schemes },
      clock: stillClock(this.#time.clock),
      wall: this.#time.clock,
      logger: silentLogger,
      from: 'test',
      onRefused: (code) => this.refused.push(code),
      onEnded: () => this.#sessions.delete(session),
    });
    this.#sessions.add(session);
    return pair;
  }

  beat(): void {
    for (const session of this.#sessions) session.beat(this.#time.clock() as MonotonicTime);
  }

  bodies(one: MessageClass): unknown[] {
    return this.taken.filter((record) => record.class === one).map(({ body }) => body);
  }
}

export interface TestAgentOptions {
  readonly time: VirtualTime;
  /** Returns the agent's end of a new connection. @throws while the gateway is away. */
  readonly dial: () => WirePair;
  readonly secret: () => string;
  readonly cluster?: string;
  readonly start?: string;
  readonly schemes?: readonly Scheme[];
  readonly folder?: string;
  readonly mostBytes?: number;
  readonly sources?: readonly OpenSource[];
  readonly onLogLevel?: (level: string) => void;
  readonly random?: () => number;
}

export interface TestAgent {
  readonly uplink: Uplink;
  readonly spool: Spool;
  readonly dialled: number[];
  readonly pairs: WirePair[];
}

export async function startAgent(options: TestAgentOptions): Promise<TestAgent> {
  const { time, dial, secret, cluster = 'east', start = 'first', schemes = ['hmac-sha512'] } = options;
  const clock = stillClock(time.clock);
  const mostBytes = options.mostBytes ?? 64 << 20;
  const about = { cluster, mostBytes, clock, wall: time.clock, logger: silentLogger };
  const spool = await Spool.open({ ...about, folder: options.folder });
  const dialled: number[] = [];
  const pairs: WirePair[] = [];
  const uplink = new Uplink({
    who: { account: 'default', cluster, start, mode: 'master', version: '0.0.0' },
    schemes,
    secret: () => Buffer.from(secret()),
    spool,
    async dial() {
      dialled.push(time.clock());
      const pair = dial();
      pairs.push(pair);
      return pair.agent;
    },
    commands: new Commands({ 'log-level': (body) => body }),
    sources: options.sources ?? [],
    ...(options.onLogLevel ? { onLogLevel: options.onLogLevel } : {}),
    clock,
    wall: time.clock,
    sleep: time.sleep,
    random: options.random ?? (() => 0.5),
    logger: silentLogger,
  });
  uplink.start();
  return { uplink, spool, dialled, pairs };
}

/** A gateway with one enrolled cluster, and its agent's way to it. */
export function enrolled(
  folder: string,
  {
    schemes,
    own,
  }: { readonly schemes?: readonly Scheme[]; readonly own?: { readonly [one in MessageClass]?: OpenReceiver } } = {},
) {
  const time = createVirtualTime();
  const gateway = new TestGateway(folder, time, schemes, own);
  const { secret } = gateway.enrolments.enrol('east', 'default');
  const dial = () => {
    if (!gateway.up) throw new Error('the gateway is away');
    return gateway.accept();
  };
  return { time, gateway, secret: () => secret, dial };
}

// Passes calls about actions to the actor of a cluster. While the actor is away, answers from its last reports.
import { LRUCache } from 'lru-cache';
import { type MonotonicClock, timestampOf, type WallTime } from '../../src/clock.ts';
import { Fault, fault } from '../../src/errors.ts';
import { firstSeen } from '../../src/first-seen.ts';
import { type ActionCall, type ActionCallAnswer, actionsCommand } from '../../src/gateway-protocol/action-calls.ts';
import type { ToldAction } from '../../src/gateway-protocol/actions-body.ts';
import type { Role } from '../../src/gateway-protocol/protocol.ts';
import { Strangers } from '../../src/strangers.ts';
import { type AccessReview, createAccessReview } from '../access/auth/access-review.ts';
import { type Authenticator, bearerToken, type Caller } from '../access/auth/authenticator.ts';
import { digestOf } from '../access/auth/token-list.ts';
import { createTokenReview } from '../access/auth/token-review.ts';
import type { ActionBoard } from './action-board.ts';
import type { Agent } from './agent.ts';
import { agentReviewer } from './agent-reviewer.ts';
import { clocksApart } from './clocks-apart.ts';

export interface ActionRelayOptions {
  readonly agentOf: (cluster: string, role: Role) => Agent | undefined;
  readonly board: Pick<ActionBoard, 'get' | 'of'>;
  readonly clock: MonotonicClock;
  readonly wall: () => WallTime;
}

/** The cluster of a call, and its caller. */
export interface Asking {
  readonly cluster: string;
  /** The header `Authorization`, with a token of that cluster. */
  readonly authorization: string | undefined;
  /** The caller's address. */
  readonly address?: string;
}

interface Reviews {
  /** One per cluster, so that a silent actor does not block calls to other clusters. */
  readonly strangers: Strangers;
  readonly tokens: Authenticator;
  readonly rights: AccessReview;
}

/** Milliseconds to wait for the actor's answer. */
const patience = 20_000;
/** Maximum calls per cluster that wait for its actor. */
const mostWaiting = 64;
/** Maximum number of remembered valid tokens. */
const mostKnown = 4096;
/** Maximum number of clusters with remembered reviews. */
const mostClusters = 1_000;

const resources: { readonly [kind: string]: { readonly group: string; readonly resource: string } } = {
  Deployment: { group: 'apps', resource: 'deployments' },
  StatefulSet: { group: 'apps', resource: 'statefulsets' },
  DaemonSet: { group: 'apps', resource: 'daemonsets' },
  Pod: { group: '', resource: 'pods' },
};

export class ActionRelay {
  readonly #options: ActionRelayOptions;
  readonly #waiting = new Map<string, number>();
  readonly #reviews = new LRUCache<string, Reviews>({ max: mostClusters });
  /** Tokens that an actor accepted, by cluster: they are passed on even if others at the same address are locked out. */
  readonly #known = new LRUCache<string, true>({ max: mostKnown });

  constructor(options: ActionRelayOptions) {
    this.#options = options;
  }

  /**
   * The actor's answer.
   * @throws Fault `unauthorized` without a token, `too_many_requests` for an unknown token from an address that sent too many
   * invalid ones, `unavailable` if the actor is disconnected or silent, `overloaded`.
   */
  async ask(asking: Asking, call: Omit<ActionCall, 'token'>): Promise<ActionCallAnswer> {
    const { cluster, address = '' } = asking;
    const token = bearerToken(asking.authorization);
    if (token === undefined) throw fault('unauthorized');
    const agent = this.#options.agentOf(cluster, 'actor');
    // The same words for an unknown cluster, so as not to reveal who is enrolled.
    if (agent?.connection === undefined) throw fault('unavailable', { reason: `no actor of ${cluster} is connected` });
    const { strangers } = this.#reviewsOf(cluster);
    const key = `${cluster} ${digestOf(token)}`;
    if (!this.#known.has(key) && !strangers.admits(address)) throw fault('too_many_requests');
    const answer = await this.#hand(agent, cluster, { ...call, token });
    if (answer.status === 401) {
      this.#known.delete(key);
      strangers.refuse(address);
    } else if (isOfKnown(answer)) this.#known.set(key, true);
    return answer;
  }

  async #hand(agent: Agent, cluster: string, call: ActionCall): Promise<ActionCallAnswer> {
    const waiting = this.#waiting.get(cluster) ?? 0;
    if (waiting >= mostWaiting) throw fault('overloaded', { reason: `${mostWaiting} calls wait for the actor` });
    this.#waiting.set(cluster, waiting + 1);
    try {
      const until = (this.#options.wall() + patience + clocksApart) as WallTime;
      return answerIn(await agent.command(actionsCommand, call, until, AbortSignal.timeout(patience)));
    } finally {
      const now = (this.#waiting.get(cluster) ?? 1) - 1;
      if (now > 0) this.#waiting.set(cluster, now);
      else this.#waiting.delete(cluster);
    }
  }

  async get(asking: Asking, id: string): Promise<ActionCallAnswer> {
    return this.#orAsTold(asking, { call: 'get', id }, async (caller) => {
      const told = this.#options.board.get(asking.cluster, id);
      if (told === undefined || !(await this.#maySee(asking.cluster, caller, told)))
        throw fault('action_unknown', { id });
      return told;
    });
  }

  async list(asking: Asking): Promise<ActionCallAnswer> {
    return this.#orAsTold(asking, { call: 'list' }, async (caller) => {
      const isOwn = ({ proposed }: ToldAction) => proposed.by === caller.user?.username;
      const sees = (told: ToldAction) => this.#maySee(asking.cluster, caller, told);
      const { shown, more } = await firstSeen(this.#options.board.of(asking.cluster), { isOwn, sees });
      return { actions: shown, ...(more ? { more } : {}) };
    });
  }

  /** If the actor cannot be asked, answers with its last report, which says since when it may be outdated. */
  async #orAsTold(
    asking: Asking,
    call: Omit<ActionCall, 'token'>,
    told: (caller: Caller) => Promise<object>,
  ): Promise<ActionCallAnswer> {
    try {
      return await this.ask(asking, call);
    } catch (error) {
      const status = this.#options.agentOf(asking.cluster, 'actor')?.status;
      if (!(error instanceof Fault) || error.code !== 'unavailable' || status?.since === undefined) throw error;
      const { agentOf } = this.#options;
      if (agentOf(asking.cluster, 'master')?.connection === undefined) throw error;
      const { tokens, strangers } = this.#reviewsOf(asking.cluster);
      const { authorization, address = '' } = asking;
      const caller = await tokens.callerOf(authorization, (review) => strangers.ask(address, review));
      if (caller === undefined) {
        strangers.refuse(address);
        throw fault('unauthorized');
      }
      const { wall } = this.#options;
      const staleSince = timestampOf(status.connected ? wall() : status.since);
      return {
        status: 200,
        body: { success: true, timestamp: timestampOf(wall()), staleSince, ...(await told(caller)) },
      };
    }
  }

  async #maySee(cluster: string, caller: Caller, { action, proposed }: ToldAction): Promise<boolean> {
    if (proposed.by === caller.user?.username) return true;
    const { kind, namespace, name } = action.target;
    const place = resources[kind];
    if (place === undefined) return false;
    return this.#reviewsOf(cluster).rights.allows(caller, { verb: 'get', ...place, namespace, name });
  }

  #reviewsOf(cluster: string): Reviews {
    const known = this.#reviews.get(cluster);
    if (known !== undefined) return known;
    const { agentOf, clock } = this.#options;
    const client = agentReviewer(cluster, (name) => agentOf(name, 'master'));
    const made = {
      strangers: new Strangers(clock),
      tokens: createTokenReview({ client, clock }),
      rights: createAccessReview({ client, clock }),
    };
    this.#reviews.set(cluster, made);
    return made;
  }
}

/** Whether the answer proves a valid token: the actor checks it first, so only a failure or a limit leaves it unchecked. */
function isOfKnown({ status }: ActionCallAnswer): boolean {
  return status < 500 && status !== 429;
}

/** @throws Fault `unavailable` if it is not a valid answer of an actor. */
function answerIn({ ok, result, error }: Awaited<ReturnType<Agent['command']>>): ActionCallAnswer {
  const { status, body } = (result ?? {}) as Partial<ActionCallAnswer>;
  if (ok && Number.isInteger(status) && status !== undefined && status >= 200 && status < 600) return { status, body };
  throw fault('unavailable', { reason: error?.message ?? 'the actor answered what cannot be understood' });
}

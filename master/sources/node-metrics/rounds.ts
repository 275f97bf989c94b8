// Asks in rounds: every kubelet once in a period, one after the other so that they spread over it, and metrics-server once.
// A kubelet that refuses is asked again after some rounds.
import type { SourceState } from '../../../src/model.ts';
import type { Client } from '../kubernetes/client.ts';
import { metricsServerPath } from './api-paths.ts';
import { type KubeletFailure, type KubeletReading, readKubelet } from './kubelet-reader.ts';
import { nodesUsed, podsUsed } from './metrics-server.ts';
import type { NumbersSink } from './numbers-sink.ts';
import type { NumbersTold } from './numbers-told.ts';

export type Tell = (family: string, name: string, state: SourceState['state'] | undefined, reason?: string) => void;

export interface RoundsOptions {
  readonly client: Pick<Client, 'stream' | 'get'>;
  readonly sink: Pick<NumbersSink, 'kubelet' | 'forget' | 'metricsServer'>;
  readonly told: Pick<NumbersTold, 'isTold'>;
  /** Names of the nodes there are. */
  readonly nodes: () => readonly string[];
  /** The only namespaces that may be read; empty for all. */
  readonly namespaces: readonly string[];
  readonly tell: Tell;
  /** Milliseconds of a round. */
  readonly period: number;
  readonly signal: AbortSignal;
  readonly sleep: (ms: number, signal: AbortSignal) => Promise<void>;
  readonly deadline: (ms: number) => AbortSignal;
}

/** Families of states in `completeness`. */
export const kubeletFamily = 'kubelets';
export const metricsServerFamily = 'metrics-server';

const timeout = 30_000;
/** Kubelets that are slow are asked beside others, at most so many. */
const atOnce = 8;
/** Rounds until one that refused is asked again. */
const restRounds = 10;
/** Share of a round over which requests are spread. */
const spread = 0.8;
const mostBytes = 64 * 2 ** 20;

export async function kubeletRounds(options: RoundsOptions): Promise<void> {
  const { nodes, told, sink, period, signal, sleep, tell } = options;
  const states = new Map<string, string>();
  let resting = 0;
  const say = (node: string, state: SourceState['state'] | undefined, reason?: string) => {
    const text = `${state} ${reason}`;
    if (states.get(node) === text) return;
    if (state === undefined) states.delete(node);
    else states.set(node, text);
    tell(kubeletFamily, node, state, reason);
  };
  while (!signal.aborted) {
    const names = nodes();
    for (const node of states.keys()) {
      if (names.includes(node) && !told.isTold(node, 'kubelet')) continue;
      say(node, undefined);
      sink.forget(node);
    }
    // Probes tell of it better.
    for (const node of names) if (told.isTold(node, 'kubelet')) sink.forget(node);
    const asked = names.filter((node) => !told.isTold(node, 'kubelet'));
    if (resting > 0) resting--;
    else if (await kubeletRound(options, asked, say)) resting = restRounds;
    // The requests took their share of the round.
    await sleep(period * (resting > 0 || asked.length === 0 ? 1 : 1 - spread), signal);
  }
}

type Say = (node: string, state: SourceState['state'] | undefined, reason?: string) => void;

/** Whether the right is missing, which is then reported for every node. */
async function kubeletRound(options: RoundsOptions, asked: readonly string[], say: Say): Promise<boolean> {
  const { client, sink, period, signal, sleep, deadline } = options;
  const running = new Set<Promise<void>>();
  let isRefused = false;
  for (const node of asked) {
    if (signal.aborted || isRefused) break;
    const one = async () => {
      const read = await readKubelet(client, node, AbortSignal.any([signal, deadline(timeout)]));
      if (signal.aborted) return;
      if (isFailure(read)) isRefused = tellFailure(node, read, say) || isRefused;
      else {
        sink.kubelet(node, read);
        say(node, read.partly === undefined ? 'synced' : 'partly', read.partly);
      }
    };
    const task: Promise<void> = one().finally(() => running.delete(task));
    running.add(task);
    if (running.size >= atOnce) await Promise.race(running);
    await sleep((period * spread) / asked.length, signal);
  }
  await Promise.all(running);
  if (isRefused) for (const node of asked) say(node, 'forbidden', refusedWords);
  return isRefused;
}

const refusedWords = 'numbers of kubelets need the right to get nodes/proxy';

function isFailure(read: KubeletReading | KubeletFailure): read is KubeletFailure {
  return 'reason' in read;
}

/** Whether the right is missing. */
function tellFailure(node: string, { status, reason }: KubeletFailure, say: Say): boolean {
  if (status === 401 || status === 403) return true;
  say(node, 'stale', reason);
  return false;
}

export async function metricsServerRounds(options: RoundsOptions): Promise<void> {
  const { nodes, told, period, signal, sleep } = options;
  // Delayed, so that better sources come first.
  await sleep(period / 4, signal);
  const needed = () => nodes().length === 0 || nodes().some((node) => !told.isTold(node, 'metrics-server'));
  while (!signal.aborted) {
    const isThere = !needed() || (await metricsServerRound(options));
    await sleep(period * (isThere ? 1 : restRounds), signal);
  }
}

/** Whether it is there; asks for Pods of all namespaces, or of those that may be read. */
async function metricsServerRound(options: RoundsOptions): Promise<boolean> {
  const { sink, namespaces, tell, signal } = options;
  const places = namespaces.length > 0 ? namespaces : [undefined];
  // Nodes are the whole cluster's.
  const nodes = namespaces.length > 0 ? { status: 200, value: undefined } : await listOf(options, 'nodes');
  const pods = [];
  for (const namespace of nodes.status === 200 ? places : []) pods.push(await listOf(options, 'pods', namespace));
  if (signal.aborted) return true;
  const failed = [nodes, ...pods].find(({ status }) => status !== 200);
  sink.metricsServer(
    nodesUsed(nodes.value),
    pods.flatMap(({ value }) => podsUsed(value)),
  );
  const { status } = failed ?? { status: 200 };
  tell(metricsServerFamily, 'metrics.k8s.io', ...stateOf(status));
  return status !== 404 && status !== 403 && status !== 401;
}

/** States that leave the graph complete: last values are no part of it, and few who have none miss them. */
function stateOf(status: number | undefined): [state: SourceState['state'] | undefined, reason?: string] {
  if (status === 200) return ['synced'];
  if (status === 404) return [undefined];
  const isRefused = status === 401 || status === 403;
  if (isRefused) return ['excluded', 'last values need the right to list nodes and pods of metrics.k8s.io'];
  return ['absent', status === undefined ? 'it does not answer' : `it answers ${status}`];
}

interface Listed {
  /** Undefined if there was no whole answer. */
  readonly status: number | undefined;
  readonly value: unknown;
}

async function listOf(
  { client, signal, deadline }: RoundsOptions,
  list: 'nodes' | 'pods',
  namespace?: string,
): Promise<Listed> {
  try {
    const { status, body } = await client.get(metricsServerPath(list, namespace), {
      signal: AbortSignal.any([signal, deadline(timeout)]),
      limit: mostBytes,
      headers: { accept: 'application/json' },
      purpose: 'numbers of nodes and containers',
    });
    return { status, value: status === 200 ? (JSON.parse(body.toString('utf8')) as unknown) : undefined };
  } catch {
    return { status: undefined, value: undefined };
  }
}

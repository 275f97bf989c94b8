// Finds the minions: Pods with the minion's labels, or an explicit list. One minion per node.
import type { Config } from '../../../src/settings/config.ts';
import type { MinionChoice } from '../../../src/settings/setting-formats.ts';

/**
 * A running Pod with an address and the labels app.kubernetes.io/name=cluster-insight, app.kubernetes.io/component=minion.
 */
export interface MinionPod {
  readonly node: string;
  readonly address: string;
  readonly port: number;
  readonly ready: boolean;
  /** Whether it serves HTTPS, according to its probe; undefined without an HTTP probe. */
  readonly secure?: boolean | undefined;
}

/** The minions' Pods, kept up to date. */
export interface PodSource {
  minionPods(): readonly MinionPod[];
  /** Returns a function that removes the listener. */
  onChange(listener: () => void): () => void;
}

export interface Minion {
  readonly node: string;
  /** Without a trailing slash. */
  readonly url: string;
  /** Whether the minion must confirm its node: a Pod's address may be reused. */
  readonly checkNode: boolean;
  /** According to its Pod. Unready minions are queried too. */
  readonly ready: boolean;
}

export interface MinionSource {
  /** By node. */
  minions(): ReadonlyMap<string, Minion>;
  onChange(listener: () => void): () => void;
}

export interface MinionsOptions {
  readonly choice: MinionChoice;
  /** Required if the choice is `auto`. */
  readonly pods?: PodSource;
  /** Scheme for Pods that do not declare one: `https` if certificates can be verified. */
  readonly scheme?: 'http' | 'https';
  /** Whether a Pod that declares plain HTTP is asked that way even if the scheme is `https`. */
  readonly plainToo?: boolean;
}

/** The scheme according to the settings. */
export function schemeOf({ minionCaFile, minionTls }: TlsChoice): Pick<MinionsOptions, 'scheme' | 'plainToo'> {
  return { scheme: minionCaFile === undefined ? 'http' : 'https', plainToo: minionTls === 'offered' };
}

export type TlsChoice = Pick<Config, 'minionCaFile'> & Partial<Pick<Config, 'minionTls'>>;

export function createMinions({ choice, pods, scheme = 'http', plainToo = false }: MinionsOptions): MinionSource {
  if (choice !== 'auto') return fixed(choice === 'off' ? [] : choice);
  if (!pods) return fixed([]);
  return {
    minions: () => byNode(pods.minionPods(), ({ secure }) => schemeFor(secure, scheme, plainToo)),
    onChange: (listener) => pods.onChange(listener),
  };
}

/** A Pod's claim to serve plain HTTP is accepted only during the transition: it must not disable TLS. */
function schemeFor(secure: boolean | undefined, usual: string, plainToo: boolean): string {
  if (secure) return 'https';
  return secure === false && plainToo ? 'http' : usual;
}

function fixed(list: readonly { node: string; url: string }[]): MinionSource {
  const minions = new Map(
    list.map(({ node, url }) => [node, { node, url: url.replace(/\/+$/, ''), checkNode: false, ready: true }]),
  );
  return { minions: () => minions, onChange: () => () => undefined };
}

/** During a rollout a node may have two Pods: the ready one is used, otherwise that with the smaller address. */
function byNode(pods: readonly MinionPod[], scheme: (pod: MinionPod) => string): Map<string, Minion> {
  const chosen = new Map<string, MinionPod>();
  for (const pod of pods) {
    const other = chosen.get(pod.node);
    if (!other || isBetter(pod, other)) chosen.set(pod.node, pod);
  }
  const minionOf = (pod: MinionPod) => ({
    node: pod.node,
    url: `${scheme(pod)}://${authority(pod)}`,
    checkNode: true,
    ready: pod.ready,
  });
  return new Map([...chosen].map(([node, pod]) => [node, minionOf(pod)]));
}

function isBetter(a: MinionPod, b: MinionPod): boolean {
  return a.ready === b.ready ? a.address < b.address : a.ready;
}

function authority({ address, port }: MinionPod): string {
  return address.includes(':') ? `[${address}]:${port}` : `${address}:${port}`;
}

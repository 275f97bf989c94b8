// Where the minions are: the Pods that carry the minion's label, or an explicit list. One minion a node.
import type { Config } from '../../../src/settings/config.ts';
import type { MinionChoice } from '../../../src/settings/setting-formats.ts';

/** A Pod labelled app.kubernetes.io/name=cluster-insight, app.kubernetes.io/component=minion that runs and has an address. */
export interface MinionPod {
  readonly node: string;
  readonly address: string;
  readonly port: number;
  readonly ready: boolean;
  /** Whether it serves HTTPS, as the kubelet must know to probe it; undefined where it is not probed by HTTP. */
  readonly secure?: boolean | undefined;
}

/** The minions' Pods, kept current. */
export interface PodSource {
  minionPods(): readonly MinionPod[];
  /** Returns how to stop listening. */
  onChange(listener: () => void): () => void;
}

export interface Minion {
  readonly node: string;
  /** Without a slash at its end. */
  readonly url: string;
  /** The node must be the one that the minion says it is on: a Pod's address can soon be another Pod's. */
  readonly checkNode: boolean;
  /** Its Pod says so. One that is not ready is asked all the same. */
  readonly ready: boolean;
}

export interface MinionSource {
  /** By node. */
  minions(): ReadonlyMap<string, Minion>;
  onChange(listener: () => void): () => void;
}

export interface MinionsOptions {
  readonly choice: MinionChoice;
  /** Needed where the choice is `auto`. */
  readonly pods?: PodSource;
  /** How Pods are asked that do not say themselves: `https` where there is something to check certificates against. */
  readonly scheme?: 'http' | 'https';
  /** Whether a Pod that says to serve plain HTTP is asked so where the scheme is `https`. */
  readonly plainToo?: boolean;
}

/** What the settings say of it. */
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

/** A Pod's word for plain HTTP counts only while that is still to be: it must not be what takes TLS away. */
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

/** While a DaemonSet is rolled two Pods can stand on a node: the ready one is asked, else the one of the smaller address. */
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

// Connects to NATS as configured. Only this file loads its packages.
import { readFileSync } from 'node:fs';
import { isIP } from 'node:net';
import { checkServerIdentity, type PeerCertificate } from 'node:tls';
import type { JetStreamClient, JetStreamManager } from '@nats-io/jetstream';
import type { KV } from '@nats-io/kv';
import type { ObjectStore } from '@nats-io/obj';
import type * as NatsTransport from '@nats-io/transport-node';
import type { MsgHdrs, NatsConnection } from '@nats-io/transport-node';
import { fault } from '../../src/errors.ts';
import type { Config } from '../../src/settings/config.ts';
import { heads } from './names.ts';

export type StreamConfig = Pick<
  Config,
  | 'stream'
  | 'streamCredentialsFile'
  | 'streamTokenFile'
  | 'streamCaFile'
  | 'streamCertFile'
  | 'streamKeyFile'
  | 'streamCopies'
  | 'streamAge'
  | 'streamSize'
>;

/** The part of NATS that is used here. */
export interface Nats {
  readonly connection: NatsConnection;
  readonly js: JetStreamClient;
  readonly manager: JetStreamManager;
  /** False while the client tries to reach a server again: requests fail then, which says nothing new. */
  readonly isUp: boolean;
  headers(): MsgHdrs;
  /** The bucket of heads. With `copies`, creates it if missing. */
  heads(copies?: number): Promise<KV>;
  /** An object store. With `copies`, creates it if missing. */
  objects(bucket: string, copies?: number): Promise<ObjectStore>;
  close(): Promise<void>;
}

/** Milliseconds. */
const timeout = 5_000;
/** The first version with all required features. */
const leastVersion = [2, 10] as const;

/**
 * `onChange` is called when the connection is lost, and when it is there again.
 * @throws what the client throws if no server answers; Fault `unavailable` if a server is too old.
 */
export async function connectToNats(
  config: StreamConfig,
  name: string,
  onChange: (isUp: boolean) => void = () => {},
): Promise<Nats> {
  const [transport, jetstream, { Kvm }, { Objm }] = await Promise.all([
    import('@nats-io/transport-node'),
    import('@nats-io/jetstream'),
    import('@nats-io/kv'),
    import('@nats-io/obj'),
  ]);
  const connection = await transport.connect({
    name,
    timeout,
    servers: config.stream.map(hostOf),
    maxReconnectAttempts: -1,
    reconnectTimeWait: 500,
    pingInterval: 10_000,
    maxPingOut: 2,
    ...tlsOf(config),
    ...credentialsOf(config, transport),
  });
  const [major = 0, minor = 0] = (connection.info?.version ?? '').split('.').map(Number);
  if (major < leastVersion[0] || (major === leastVersion[0] && minor < leastVersion[1])) {
    await connection.close();
    const reason = `the NATS server is of version ${connection.info?.version ?? 'unknown'}: 2.10 is the first that will do`;
    throw fault('unavailable', { reason });
  }
  const js = jetstream.jetstream(connection, { timeout });
  // Skip the client's first check: it may fail for a while after servers return, and later calls are retried anyway.
  const manager = await jetstream.jetstreamManager(connection, { timeout, checkAPI: false });
  const standing = followStanding(connection, onChange);
  return {
    connection,
    get isUp() {
      return standing.isUp;
    },
    js,
    manager,
    headers: () => transport.headers(),
    heads: (copies) => {
      const kvm = new Kvm(js);
      return copies === undefined ? kvm.open(heads) : withCopies(copies, (replicas) => kvm.create(heads, { replicas }));
    },
    objects: (bucket, copies) => {
      const objm = new Objm(js);
      return copies === undefined
        ? objm.open(bucket)
        : withCopies(copies, (replicas) => objm.create(bucket, { replicas }));
    },
    async close() {
      await connection.close();
    },
  };
}

function followStanding(connection: NatsConnection, onChange: (isUp: boolean) => void): { readonly isUp: boolean } {
  const standing = { isUp: true };
  const follow = async () => {
    for await (const { type } of connection.status()) {
      if (type !== 'disconnect' && type !== 'reconnect') continue;
      standing.isUp = type === 'reconnect';
      onChange(standing.isUp);
    }
  };
  follow().catch(() => undefined);
  return standing;
}

/** Calls `make` with the wanted number of copies, or with fewer if there are not enough servers. */
export async function withCopies<T>(copies: number, make: (copies: number) => Promise<T>): Promise<T> {
  for (let count = copies; ; count--) {
    try {
      return await make(count);
    } catch (error) {
      if (count <= 1 || !isOfCopies(error)) throw error;
    }
  }
}

/** 10074: not in a cluster; 10005: no suitable peers; 10007, 10068: more than permitted. */
const ofCopies: ReadonlySet<unknown> = new Set([10074, 10005, 10007, 10068]);

function isOfCopies(error: unknown): boolean {
  return ofCopies.has((error as { readonly code?: unknown }).code);
}

function hostOf(server: string): string {
  return new URL(server).host;
}

function tlsOf({ stream, streamCaFile, streamCertFile, streamKeyFile }: StreamConfig) {
  const wanted = stream.some((each) => each.startsWith('tls://')) || streamCaFile !== undefined;
  if (!wanted) return {};
  const tls = {
    ...(streamCaFile === undefined ? {} : { ca: readFileSync(streamCaFile, 'utf8') }),
    ...(streamCertFile === undefined ? {} : { cert: readFileSync(streamCertFile, 'utf8') }),
    ...(streamKeyFile === undefined ? {} : { key: readFileSync(streamKeyFile, 'utf8') }),
    checkServerIdentity: identityOf(stream),
  };
  return { tls };
}

/** For a server given by IP address the client passes no name, and Node.js would then check against `localhost`. */
function identityOf(stream: readonly string[]) {
  const hosts = stream.map((each) => new URL(each).hostname.replace(/^\[|\]$/g, ''));
  const addresses = hosts.filter((host) => isIP(host) > 0);
  return (name: string, certificate: PeerCertificate): Error | undefined => {
    const isNamed = addresses.length === 0 || name !== 'localhost' || hosts.includes('localhost');
    const failures = (isNamed ? [name] : addresses).map((host) => checkServerIdentity(host, certificate));
    return failures.includes(undefined) ? undefined : failures[0];
  };
}

type Transport = Pick<typeof NatsTransport, 'credsAuthenticator' | 'tokenAuthenticator'>;

/** Reads the files at each connection, so that rotated credentials apply. */
function credentialsOf(
  { stream, streamCredentialsFile, streamTokenFile }: StreamConfig,
  { credsAuthenticator, tokenAuthenticator }: Transport,
) {
  if (streamCredentialsFile !== undefined)
    return { authenticator: credsAuthenticator(() => readFileSync(streamCredentialsFile)) };
  if (streamTokenFile !== undefined)
    return { authenticator: tokenAuthenticator(() => readFileSync(streamTokenFile, 'utf8').trim()) };
  const { username, password } = new URL(stream[0] ?? 'nats://localhost');
  return username === '' ? {} : { user: decodeURIComponent(username), pass: decodeURIComponent(password) };
}

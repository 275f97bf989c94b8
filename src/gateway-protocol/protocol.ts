// Name, message classes, times and limits of the protocol. Other implementations depend on them.

/** WebSocket subprotocol (RFC 6455, section 1.9). Another major version gets another name. */
export const subprotocol = 'cluster-insight.gateway.v1';

/** Path on which a gateway accepts agents. */
export const agentsPath = '/agents';

/**
 * Message classes and their shares of a line that is too slow for all. Order is kept within a class; between classes the
 * shares decide, so that none starves.
 */
export const shares = {
  /** Answers to commands. */
  answers: 32,
  /** Reports on actions. */
  actions: 32,
  /** The graph's input. */
  graph: 16,
  findings: 4,
  metrics: 2,
  logs: 1,
} as const;

export type MessageClass = keyof typeof shares;

/** A cluster may have one connected agent of each role. The actor is independent of the master's agent. */
export const roles = ['master', 'actor'] as const;
export type Role = (typeof roles)[number];

export function roleOf(mode: string): Role {
  return mode === 'actor' ? 'actor' : 'master';
}

export const messageClasses = Object.keys(shares) as readonly MessageClass[];

/** Milliseconds. */
export const times = {
  /** Deadline for the next step of the handshake; also the lifetime of a question. */
  question: 30_000,
  ping: 20_000,
  /** A connection silent for this long is given up: two pings were not answered. */
  silence: 40_000,
  /** Undelivered data older than this is dropped. */
  buffer: 3_600_000,
} as const;

export const bounds = {
  /** Minimum and maximum bytes of a question. */
  question: 1_024,
  longestQuestion: 16_384,
  /** Bytes of a nonce. */
  nonce: 32,
  /** Maximum bytes of a message on the line. */
  message: 1 << 20,
  /** Bytes per part of a packed body, before base64. */
  part: 512 << 10,
  /** Maximum bytes of a packed body with all parts, and unpacked. */
  packed: 16 << 20,
  unpacked: 64 << 20,
  /** Maximum objects and lists in an unpacked body, and maximum values in all: metrics of 20,000 resources take a fifth of it. */
  objects: 200_000,
  values: 4_000_000,
  /** Maximum bytes of a class sent and not acknowledged. */
  window: 1 << 20,
} as const;

/** Reasons for closing, as WebSocket close codes (RFC 6455, section 7.4.2: 4000 and up are free for applications). */
export const closeCodes = {
  leaving: 1001,
  notUnderstood: 4400,
  unauthorized: 4401,
  forbidden: 4403,
  tooSlow: 4408,
  replaced: 4409,
  unsupported: 4426,
  overloaded: 4429,
} as const;

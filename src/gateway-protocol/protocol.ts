// The protocol's name, its classes of messages, its times and its bounds. Agents and gateways of other makers rest on them.

/** Of the WebSocket (RFC 6455, section 1.9). Another major version is another name. */
export const subprotocol = 'cluster-insight.gateway.v1';

/** Where a gateway takes agents. */
export const agentsPath = '/agents';

/**
 * What an agent sends, by class, and the class's share of a line that is too slow for all. Within a class the order is that
 * in which it was sent; between classes the shares decide, so that none waits for ever.
 */
export const shares = {
  /** Answers to commands. */
  answers: 32,
  /** What became of actions. */
  actions: 32,
  /** What the graph was told. */
  graph: 16,
  findings: 4,
  metrics: 2,
  logs: 1,
} as const;

export type MessageClass = keyof typeof shares;

/** Of one cluster one agent of each role may be connected: the actor's is its own, whatever else calls in. */
export const roles = ['master', 'actor'] as const;
export type Role = (typeof roles)[number];

export function roleOf(mode: string): Role {
  return mode === 'actor' ? 'actor' : 'master';
}

export const messageClasses = Object.keys(shares) as readonly MessageClass[];

/** Milliseconds. */
export const times = {
  /** In which the next step of the handshake must come. A question is good for so long. */
  question: 30_000,
  ping: 20_000,
  /** A connection on which nothing was heard for so long is given up: two pings went unanswered. */
  silence: 40_000,
  /** What was not delivered within it is dropped. */
  buffer: 3_600_000,
} as const;

export const bounds = {
  /** Bytes of a question, at least and at most. */
  question: 1_024,
  longestQuestion: 16_384,
  /** Bytes of a nonce. */
  nonce: 32,
  /** Bytes of one message on the line. */
  message: 1 << 20,
  /** Bytes of a part of a packed body, before base64. */
  part: 512 << 10,
  /** Bytes of a packed body, all parts together, and of what it unpacks to. */
  packed: 16 << 20,
  unpacked: 64 << 20,
  /** Bytes of one class that are sent and not yet acknowledged. */
  window: 1 << 20,
} as const;

/** Why a connection was closed, as a WebSocket close code (RFC 6455, section 7.4.2: 4000 and on are free for applications). */
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

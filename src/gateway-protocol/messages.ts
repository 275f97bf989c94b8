// The messages as a published schema (docs/gateway-protocol.schema.json), and their only parser. The other side may be
// another implementation, hostile or of another version: invalid messages go no further.
import { type Static, type TSchema, Type } from 'typebox';
import { Compile } from 'typebox/compile';
import { schemes } from './proof.ts';
import { bounds, messageClasses } from './protocol.ts';

const idPattern = '^[a-z0-9]([a-z0-9.-]{0,61}[a-z0-9])?$';
const name = (description: string) => Type.String({ maxLength: 128, description });
const id = (description: string) => Type.String({ pattern: idPattern, description });
const base64 = (least: number, most: number, description: string) =>
  Type.String({
    pattern: '^[A-Za-z0-9+/]*={0,2}$',
    minLength: Math.ceil((least * 4) / 3),
    maxLength: Math.ceil(most / 3) * 4,
    description,
  });
const word = <const W extends string>(words: readonly W[], description: string) =>
  Type.Unsafe<W>({ type: 'string', enum: [...words], description });
const number = (description: string) => Type.Integer({ minimum: 0, maximum: Number.MAX_SAFE_INTEGER, description });
const moment = (description: string) => Type.String({ maxLength: 35, description });
const nonce = base64(bounds.nonce, bounds.nonce, '32 random bytes, used once');

const hello = Type.Object(
  {
    type: Type.Literal('hello'),
    account: id('Whose cluster it is'),
    cluster: id('Which cluster it is'),
    start: name('Of this start of the agent, random'),
    mode: name('What the agent is, such as `master`'),
    version: name("The agent's"),
    spool: name('Of the buffer that records are numbered in: it may outlive the process'),
    schemes: Type.Array(word(schemes, 'A scheme of proof'), { minItems: 1, maxItems: 8 }),
    nonce,
  },
  { description: 'Agent: the first message' },
);

const question = Type.Object(
  {
    type: Type.Literal('question'),
    gateway: name("The gateway's id"),
    scheme: word(schemes, 'How to answer, one of those that hello named'),
    // No minimum here: the agent rejects a short one with a message of its own.
    question: base64(0, bounds.longestQuestion, 'At least 1,024 random bytes, used once, good for 30 s'),
  },
  { description: 'Gateway: the answer to hello' },
);

const proof = Type.Object(
  { type: Type.Literal('proof'), proof: base64(64, 64, 'Of the agent, by the scheme') },
  { description: 'Agent: the answer to the question' },
);

const received = Type.Unsafe<{ readonly [one in (typeof messageClasses)[number]]?: number }>({
  type: 'object',
  properties: Object.fromEntries(messageClasses.map((one) => [one, number(`The last record of ${one} that is here`)])),
  additionalProperties: false,
  description: 'Of the buffer that hello named. What is not named here is to be sent from its beginning',
});

const welcome = Type.Object(
  {
    type: Type.Literal('welcome'),
    proof: Type.Optional(base64(64, 64, 'Of the gateway, where the scheme is `hmac-sha512`')),
    received,
    logLevel: Type.Optional(name('The least level of what the agent shall log')),
  },
  { description: 'Gateway: the proof is right, data may come. Before it nothing but the handshake is sent' },
);

const refused = Type.Object(
  {
    type: Type.Literal('refused'),
    code: word(
      ['unauthorized', 'unsupported_version', 'unsupported_scheme', 'too_late', 'not_understood', 'busy', 'overloaded'],
      'For programs',
    ),
    reason: Type.String({ maxLength: 512, description: 'For people' }),
  },
  { description: 'Gateway: why the connection is closed' },
);

const data = Type.Object(
  {
    type: Type.Literal('data'),
    class: word(messageClasses, 'What it is, and with what it shares the line'),
    n: number('Its number in its class; grows, with gaps'),
    after: number(
      'Number of the record before it in its class; 0 for the first. If the gateway has another, something is lost',
    ),
    at: moment('When it was said, RFC 3339'),
    part: Type.Optional(
      Type.Unsafe<[number, number]>({
        type: 'array',
        items: { type: 'integer', minimum: 1, maximum: 1_024 },
        minItems: 2,
        maxItems: 2,
        description: 'Which part of how many a packed body is cut into, from 1',
      }),
    ),
    packed: Type.Optional(base64(0, bounds.part, 'The body: base64 of (a part of) zstd of JSON')),
    body: Type.Optional(Type.Unknown({ description: 'The body as it is' })),
  },
  {
    description:
      'Agent: a record. Sent again until it is acknowledged: it may come twice, never out of order within its class',
  },
);

const ack = Type.Object(
  {
    type: Type.Literal('ack'),
    class: word(messageClasses, 'Of the records'),
    n: number('All up to this one are here for good'),
  },
  { description: 'Gateway: records that the agent may forget' },
);

const command = Type.Object(
  {
    type: Type.Literal('command'),
    id: name('The answer names it: a record `{ id, ok, result | error }` of the class `answers`'),
    name: name('What to do, such as `log-level`'),
    body: Type.Unknown(),
    until: Type.Optional(moment('After it the command is not to be carried out any more, RFC 3339')),
  },
  { description: 'Gateway: asks the agent for something. The same id is carried out once' },
);

const resync = Type.Object(
  { type: Type.Literal('resync'), reason: Type.String({ maxLength: 512 }) },
  { description: 'Gateway: the graph is to be sent from its beginning' },
);

const ofAgent = { hello, proof, data } as const;
const ofGateway = { question, welcome, refused, ack, command, resync } as const;

export type Hello = Static<typeof hello>;
export type Question = Static<typeof question>;
export type Welcome = Static<typeof welcome>;
export type Refused = Static<typeof refused>;
export type DataMessage = Static<typeof data>;
export type Command = Static<typeof command>;
export type Received = Static<typeof received>;
export type AgentMessage = Static<(typeof ofAgent)[keyof typeof ofAgent]>;
export type GatewayMessage = Static<(typeof ofGateway)[keyof typeof ofGateway]>;

/** The parsed message, or why it is invalid: for the log and the sender. */
export type Read<M> = { readonly message: M } | { readonly wrong: string };

export const readAgentMessage = reader<AgentMessage>(ofAgent);
export const readGatewayMessage = reader<GatewayMessage>(ofGateway);

function reader<M>(schemas: { readonly [type: string]: TSchema }): (text: string) => Read<M> {
  const checks = new Map(Object.entries(schemas).map(([type, schema]) => [type, Compile(schema)]));
  return (text) => {
    const value = parsed(text);
    const type = typeof value === 'object' && value !== null ? (value as { type?: unknown }).type : undefined;
    const check = typeof type === 'string' ? checks.get(type) : undefined;
    if (check === undefined) return { wrong: 'it has no type that is known here' };
    if (check.Check(value)) return { message: value as M };
    const [first] = check.Errors(value);
    return { wrong: `${String(type)}${first?.instancePath ?? ''} ${first?.message ?? 'is wrong'}` };
  };
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

/** JSON Schema, draft 2020-12, of all messages. */
export function protocolSchema(): unknown {
  const all = Object.entries({ ...ofAgent, ...ofGateway });
  return {
    $schema: 'https://json-schema.org/draft/2020-12/schema',
    title: 'cluster-insight.gateway.v1',
    description:
      'Messages between an agent and a gateway of Cluster Insight: JSON text messages of a WebSocket with this sub-protocol',
    oneOf: all.map(([type]) => ({ $ref: `#/$defs/${type}` })),
    $defs: Object.fromEntries(all),
  };
}

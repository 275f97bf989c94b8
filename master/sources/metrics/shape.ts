// Checks a minion's telemetry: the minion may be of a node that was taken over, so what has another shape is refused, and what is
// too much is cut.
import type { Static } from 'typebox';
import { fault } from '../../../src/errors.ts';
import { Type } from '../../../src/schema.ts';
import {
  type CloudFacts,
  containerFamilies,
  type NodeTelemetry,
  nodeFamilies,
  telemetryLimits,
} from '../../../src/telemetry-api.ts';
import { compiledShape } from '../compiled-shape.ts';

const text = Type.String({ maxLength: telemetryLimits.text });
const moment = Type.Number({ minimum: 0, maximum: 8.64e15 });
const numbers = Type.Record(text, Type.Number());
const texts = Type.Record(text, Type.String());

const container = Type.Object({
  id: text,
  numbers,
  listensOn: Type.Optional(Type.Array(text)),
  oomKills: Type.Optional(Type.Integer({ minimum: 0 })),
  application: Type.Optional(text),
});

const connection = Type.Object({
  container: text,
  destination: text,
  actual: Type.Optional(text),
  first: moment,
  last: moment,
  open: Type.Number(),
  failed: Type.Boolean(),
});

const telemetry = Type.Object({
  node: Type.Optional(text),
  at: moment,
  probes: texts,
  numbers,
  facts: Type.Object({
    kernel: Type.Optional(text),
    hostname: Type.Optional(text),
    cloud: Type.Optional(Type.Object({ provider: text })),
  }),
  containers: Type.Array(container),
  connections: Type.Array(connection),
  partly: Type.Optional(Type.String()),
});

const checked = compiledShape(telemetry);

/** @throws Fault `minion_nonsense` with the path of the error. */
export function checkTelemetry(value: unknown): NodeTelemetry {
  if (!checked.Check(value)) {
    const [first] = checked.Errors(value);
    const reason = `telemetry${first?.instancePath ?? ''} ${first?.message ?? 'is wrong'}`;
    throw fault('minion_nonsense', { reason });
  }
  return cut(value);
}

/** Known fields only, and no more than a node can have. */
function cut(read: Static<typeof telemetry>): NodeTelemetry {
  const { kernel, hostname, cloud } = read.facts;
  return {
    ...read,
    numbers: known(read.numbers, nodeFamilies),
    facts: {
      ...(kernel === undefined ? {} : { kernel }),
      ...(hostname === undefined ? {} : { hostname }),
      ...(cloud === undefined ? {} : { cloud: cloudOf(cloud) }),
    },
    containers: read.containers.slice(0, telemetryLimits.containers).map((each) => ({
      ...each,
      numbers: known(each.numbers, containerFamilies),
      ...(each.listensOn === undefined ? {} : { listensOn: each.listensOn.slice(0, telemetryLimits.listens) }),
    })),
    connections: read.connections.slice(0, telemetryLimits.connections),
  };
}

function known(numbers: { readonly [name: string]: number }, families: object): { [name: string]: number } {
  const of = Object.keys(families).filter((name) => Object.hasOwn(numbers, name) && Number.isFinite(numbers[name]));
  return Object.fromEntries(of.map((name) => [name, numbers[name] as number]));
}

const cloudFields = [
  'provider',
  'accountId',
  'instanceId',
  'instanceType',
  'lifeCycle',
  'region',
  'zone',
  'zoneId',
  'localAddress',
  'publicAddress',
] as const;

function cloudOf(cloud: { readonly provider: string; readonly [name: string]: unknown }): CloudFacts {
  const entries = cloudFields.map((name) => [name, cloud[name]] as const);
  const texts = entries.filter((each): each is readonly [(typeof cloudFields)[number], string] => {
    const [, value] = each;
    return typeof value === 'string' && value.length <= telemetryLimits.text;
  });
  return { provider: cloud.provider, ...Object.fromEntries(texts) };
}

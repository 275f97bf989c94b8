// Checks that what a minion or an engine answered has the shape that is relied on further in. Fields that nobody reads
// may be anything.
import { type Static, Type } from 'typebox';
import { Compile } from 'typebox/compile';
import type { NodeSnapshot } from '../../../src/engine-api.ts';
import { fault } from '../../../src/errors.ts';

const text = Type.String();
const id = Type.String({ minLength: 1, maxLength: 512 });
const texts = Type.Array(text);
const orNull = <T extends Parameters<typeof Type.Union>[0][number]>(type: T) =>
  Type.Optional(Type.Union([type, Type.Null()]));
const labels = Type.Record(text, text);

const inspect = Type.Object({
  Id: id,
  Name: text,
  Created: Type.Optional(text),
  Image: text,
  State: Type.Object({ Status: text, Running: Type.Boolean(), Pid: Type.Optional(Type.Number()) }),
  Config: Type.Object({ Image: Type.Optional(text), Labels: orNull(labels) }),
});

const processes = Type.Object({ Titles: texts, Processes: Type.Array(texts) });

const image = Type.Object({ Id: id, RepoTags: orNull(texts), RepoDigests: orNull(texts) });

const snapshot = Type.Object({
  node: Type.Optional(text),
  runtime: Type.Object({ name: text, version: text, apiVersion: Type.Optional(text) }),
  containers: Type.Array(Type.Object({ inspect, processes: Type.Optional(processes), error: Type.Optional(text) })),
  images: Type.Array(image),
});

/** The entries of `/containers/json` as far as they are read. */
const summaries = Type.Array(
  Type.Object({
    Id: id,
    Names: orNull(texts),
    Image: Type.Optional(text),
    ImageID: Type.Optional(text),
    State: Type.Optional(text),
    Status: Type.Optional(text),
    Labels: orNull(labels),
  }),
);

export type Summaries = Static<typeof summaries>;

/** The smallest part of an inspect's answer that it can be known by. */
const identified = Type.Object({ Id: id });
const version = Type.Object({ Version: text, ApiVersion: Type.Optional(text) });

interface Shape {
  Check(value: unknown): boolean;
  Errors(value: unknown): { instancePath: string; message: string }[];
}

function checker<T>(shape: Shape, what: string): (value: unknown) => T {
  return (value) => {
    if (shape.Check(value)) return value as T;
    const [first] = shape.Errors(value);
    throw fault('minion_nonsense', { reason: `${what}${first?.instancePath ?? ''} ${first?.message ?? 'is wrong'}` });
  };
}

/** Each returns what it was given. @throws Fault `minion_nonsense`, naming the place. */
export const checkSnapshot = checker<NodeSnapshot>(Compile(snapshot), 'snapshot');
export const checkSummaries = checker<Summaries>(Compile(summaries), 'containers');
export const checkVersion = checker<Static<typeof version>>(Compile(version), 'version');
export const checkIdentified = checker<{ Id: string }>(Compile(identified), 'inspect');
export const checkInspect = checker<unknown>(Compile(inspect), 'inspect');
export const checkImage = checker<unknown>(Compile(image), 'image');
export const checkProcesses = checker<Static<typeof processes>>(Compile(processes), 'processes');

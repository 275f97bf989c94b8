// Checks that an answer of a minion or an engine has the expected shape. Unused fields may be anything.
import type { Static } from 'typebox';
import type { ContainerProcesses, ImageInspect } from '../../../src/docker-api.ts';
import { fault } from '../../../src/errors.ts';
import { isRecord } from '../../../src/fields.ts';
import type { ContainerSnapshot, NodeSnapshot, StoredImage } from '../../../src/minion-api.ts';
import { processesOf } from '../../../src/process-table.ts';
import { Type } from '../../../src/schema.ts';
import { compiledShape, type Shape } from '../compiled-shape.ts';

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

const yes = Type.Optional(Type.Literal(true));
/** Images without a container in the answer. */
const stored = Type.Object({
  Id: id,
  RepoTags: Type.Optional(texts),
  RepoDigests: Type.Optional(texts),
  Size: Type.Optional(Type.Integer({ minimum: 0 })),
  Created: Type.Optional(text),
  unused: yes,
  pinned: yes,
});

/** The fields of `/images/json` that are read. */
const listedImages = Type.Array(
  Type.Object({
    Id: id,
    RepoTags: orNull(texts),
    RepoDigests: orNull(texts),
    Size: Type.Optional(Type.Number()),
    Created: Type.Optional(Type.Integer({ minimum: 0, maximum: 8.64e12 })),
  }),
);

export type ListedImages = Static<typeof listedImages>;

const count = Type.Optional(Type.Number());
const process = Type.Object({
  pid: Type.Integer({ minimum: 0, maximum: 2 ** 31 }),
  ppid: count,
  innerPid: count,
  user: Type.Optional(text),
  tty: Type.Optional(text),
  command: Type.Optional(text),
  state: Type.Optional(text),
  started: count,
  cpuPercent: count,
  memoryPercent: count,
  virtualKilobytes: count,
  residentKilobytes: count,
  cpuSeconds: count,
  others: Type.Optional(labels),
});
const container = Type.Object({ inspect, processes: Type.Optional(Type.Array(process)), error: Type.Optional(text) });
/** Processes as a table, as sent by minions of 3.0. */
const containerWithTable = Type.Object({ inspect, processes: Type.Optional(processes), error: Type.Optional(text) });
const head = Type.Object({
  node: Type.Optional(text),
  runtime: Type.Object({ name: text, version: text, apiVersion: Type.Optional(text) }),
  partly: Type.Optional(text),
});

/** The fields of `/containers/json` that are read. */
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

/** The least an inspect must have to be identified. */
const identified = Type.Object({ Id: id });
const version = Type.Object({ Version: text, ApiVersion: Type.Optional(text) });

function checker<T>(shape: Shape<unknown>, what: string): (value: unknown, place?: string) => T {
  return (value, place = '') => {
    if (shape.Check(value)) return value as T;
    const [first] = shape.Errors(value);
    const path = `${what}${place}${first?.instancePath ?? ''}`;
    throw fault('minion_nonsense', { reason: `${path} ${first?.message ?? 'is wrong'}` });
  };
}

const checkWithProcesses = checker<ContainerSnapshot>(compiledShape(container), 'snapshot');
const checkWithTable = checker<Omit<ContainerSnapshot, 'processes'> & { readonly processes: ContainerProcesses }>(
  compiledShape(containerWithTable),
  'snapshot',
);

/**
 * One container of a snapshot. Minions of 3.0 sent processes as a table, which is accepted as long as such minions may run.
 */
export function checkContainer(value: unknown, place: string): ContainerSnapshot {
  const listed = isRecord(value) ? value.processes : undefined;
  if (!isRecord(listed)) return checkWithProcesses(value, place);
  const { processes: table, ...rest } = checkWithTable(value, place);
  return { ...rest, processes: processesOf(table) };
}

/** Each returns what it was given. @throws Fault `minion_nonsense`, naming the place. */
export const checkHead = checker<Pick<NodeSnapshot, 'node' | 'runtime' | 'partly'>>(compiledShape(head), 'snapshot');
export const checkSummaries = checker<Summaries>(compiledShape(summaries), 'containers');
export const checkVersion = checker<Static<typeof version>>(compiledShape(version), 'version');
export const checkIdentified = checker<{ Id: string }>(compiledShape(identified), 'inspect');
export const checkInspect = checker<unknown>(compiledShape(inspect), 'inspect');
export const checkImage = checker<ImageInspect>(compiledShape(image), '');
export const checkStored = checker<StoredImage>(compiledShape(stored), '');
export const checkListedImages = checker<ListedImages>(compiledShape(listedImages), 'images');
export const checkProcesses = checker<Static<typeof processes>>(compiledShape(processes), 'processes');

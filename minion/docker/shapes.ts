// Checks the shape of runtime answers that later code relies on. An invalid answer is a failure of the engine, not of its
// reader.
import type { ContainerInspect, ContainerProcesses, ContainerSummary, ImageInspect } from '../../src/docker-api.ts';
import { fault } from '../../src/errors.ts';
import type { ListedImage } from '../runtimes/runtime.ts';

type Fields = { readonly [key: string]: unknown };

/** Containers of a list, and the number of invalid entries, which do not affect the others. */
export interface Summaries {
  readonly entries: ContainerSummary[];
  readonly refused: number;
}

export function summariesOf(answer: unknown): Summaries {
  if (!Array.isArray(answer)) throw nonsense('a list of containers');
  const entries = answer.map(summaryOf).filter((entry) => entry !== undefined);
  return { entries, refused: answer.length - entries.length };
}

/** A container during its removal may have no names and labels. */
function summaryOf(entry: unknown): ContainerSummary | undefined {
  if (!isObject(entry) || typeof entry.Id !== 'string' || entry.Id === '') return undefined;
  const text = (key: string) => (typeof entry[key] === 'string' ? entry[key] : '');
  const Names = Array.isArray(entry.Names) ? entry.Names.map(String) : [];
  const Labels = isObject(entry.Labels) ? entry.Labels : {};
  const known = {
    Names,
    Labels,
    Image: text('Image'),
    ImageID: text('ImageID'),
    State: text('State'),
    Status: text('Status'),
  };
  return { ...entry, ...known } as unknown as ContainerSummary;
}

export function inspectOf(answer: unknown): ContainerInspect {
  const { Id, Name, Image, State, Config } = isObject(answer) ? answer : {};
  const named = typeof Id === 'string' && typeof Name === 'string' && typeof Image === 'string';
  const described = isObject(State) && typeof State.Running === 'boolean' && isObject(Config);
  if (!named || !described) throw nonsense('a container');
  return answer as ContainerInspect;
}

export function processesOf(answer: unknown): ContainerProcesses {
  const { Titles, Processes } = isObject(answer) ? answer : {};
  // Podman has null instead of an empty list.
  const rows = Processes ?? [];
  if (!isTexts(Titles) || !Array.isArray(rows) || !rows.every(isTexts)) throw nonsense('a list of processes');
  return { Titles, Processes: rows };
}

export function imageOf(answer: unknown): ImageInspect {
  if (isObject(answer) && typeof answer.Id === 'string') return answer as unknown as ImageInspect;
  throw nonsense('an image');
}

/** Images of a list, and the number of invalid entries. */
export function listedImagesOf(answer: unknown): { readonly entries: ListedImage[]; readonly refused: number } {
  if (!Array.isArray(answer)) throw nonsense('a list of images');
  const entries = answer.map(listedImageOf).filter((entry) => entry !== undefined);
  return { entries, refused: answer.length - entries.length };
}

function listedImageOf(entry: unknown): ListedImage | undefined {
  if (!isObject(entry) || typeof entry.Id !== 'string' || entry.Id === '') return undefined;
  const { Id, RepoTags, RepoDigests, Size, Created } = entry;
  return {
    Id,
    ...(isTexts(RepoTags) ? { RepoTags } : {}),
    ...(isTexts(RepoDigests) ? { RepoDigests } : {}),
    ...(isSize(Size) ? { Size } : {}),
    ...(isMoment(Created) ? { Created: new Date(Created * 1000).toISOString() } : {}),
  };
}

function isSize(value: unknown): value is number {
  return typeof value === 'number' && Number.isSafeInteger(value) && value >= 0;
}

/** Seconds since the epoch, within the range of dates. */
function isMoment(value: unknown): value is number {
  return isSize(value) && value > 0 && value <= 8.64e12;
}

function isTexts(value: unknown): value is string[] {
  return Array.isArray(value) && value.every((item) => typeof item === 'string');
}

function isObject(value: unknown): value is Fields {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function nonsense(expected: string) {
  return fault('engine_nonsense', { reason: `not ${expected}` });
}

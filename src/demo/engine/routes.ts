// The routes of the fake Docker Engine as in Docker: version prefixes, errors as `{"message": …}`, processes as from `ps`.
import type { IncomingMessage, ServerResponse } from 'node:http';
import { telemetryPath } from '../../telemetry-api.ts';
import type { EngineState } from '../engine.ts';
import { type EngineContainer, type EngineEvent, type EngineImage, processTitles } from './container.ts';

/** Answered like Docker does. */
export class EngineError extends Error {
  readonly code: number;

  constructor(code: number, message: string) {
    super(message);
    this.code = code;
  }
}

const apiVersion = '1.51';
const oldestVersion = '1.24';

type Route = (state: EngineState, id: string, url: URL) => unknown;

/** GET only: nothing can be changed over HTTP. */
const routes: readonly (readonly [RegExp, Route])[] = [
  [/^\/version$/, versionOf],
  [/^\/containers\/json$/, listContainers],
  [/^\/containers\/([^/]+)\/json$/, (state, id) => findContainer(state, id).inspect],
  [/^\/containers\/([^/]+)\/top$/, listProcesses],
  [/^\/images\/json$/, listImages],
  // Image names may contain slashes.
  [/^\/images\/(.+)\/json$/, (state, id) => findImage(state, id)],
];

export function route(state: EngineState, request: IncomingMessage, response: ServerResponse, url: URL): void {
  response.setHeader('Api-Version', apiVersion);
  response.setHeader('Docker-Experimental', 'false');
  response.setHeader('Ostype', 'linux');
  response.setHeader('Server', `Docker/${state.version} (linux)`);
  const path = withoutVersion(decodeURIComponent(url.pathname));
  if (path === '/_ping') return void response.setHeader('content-type', 'text/plain; charset=utf-8').end('OK');
  if (request.method !== 'GET') throw new EngineError(404, 'page not found');
  if (path === '/events') return followEvents(state, response, url);
  if (path === telemetryPath && state.telemetry) return sendJson(response, state.telemetry());
  for (const [pattern, answer] of routes) {
    const match = pattern.exec(path);
    if (match) return sendJson(response, answer(state, match[1] ?? '', url));
  }
  throw new EngineError(404, 'page not found');
}

function sendJson(response: ServerResponse, body: unknown): void {
  response.setHeader('content-type', 'application/json').end(`${JSON.stringify(body)}\n`);
}

function withoutVersion(path: string): string {
  const [, version, rest] = /^\/v(\d+\.\d+)(\/.*)$/.exec(path) ?? [];
  if (!version || !rest) return path;
  if (number(version) > number(apiVersion)) {
    throw new EngineError(400, `client version ${version} is too new. Maximum supported API version is ${apiVersion}`);
  }
  if (number(version) < number(oldestVersion)) {
    throw new EngineError(
      400,
      `client version ${version} is too old. Minimum supported API version is ${oldestVersion}, please upgrade your client to a newer version`,
    );
  }
  return rest;
}

function number(version: string): number {
  const [major = 0, minor = 0] = version.split('.').map(Number);
  return major * 1000 + minor;
}

function versionOf({ version }: EngineState): object {
  const details = {
    ApiVersion: apiVersion,
    Arch: 'amd64',
    GitCommit: 'fake',
    KernelVersion: '6.12.0',
    MinAPIVersion: oldestVersion,
    Os: 'linux',
  };
  return {
    Platform: { Name: 'Docker Engine - Community' },
    Components: [{ Name: 'Engine', Version: version, Details: details }],
    Version: version,
    ...details,
    GoVersion: 'go1.26',
    BuildTime: '2026-06-24T15:44:22.000000000+00:00',
  };
}

type Filters = { readonly [name: string]: readonly string[] | { readonly [value: string]: boolean } };

function filtersOf(url: URL): { readonly [name: string]: readonly string[] } {
  const text = url.searchParams.get('filters');
  if (!text) return {};
  try {
    const filters = JSON.parse(text) as Filters;
    return Object.fromEntries(
      Object.entries(filters).map(([name, values]) => [name, Array.isArray(values) ? values : Object.keys(values)]),
    );
  } catch {
    throw new EngineError(400, 'invalid filter');
  }
}

function listContainers({ containers }: EngineState, _id: string, url: URL): object[] {
  const all = /^(1|true)$/i.test(url.searchParams.get('all') ?? '');
  const filters = filtersOf(url);
  const limit = Number(url.searchParams.get('limit') ?? 0) || Number.POSITIVE_INFINITY;
  const seen = [...containers.values()].filter((container) => matches(container, filters, all)).slice(0, limit);
  return seen.map(summary);
}

function matches(
  { inspect }: EngineContainer,
  filters: { readonly [name: string]: readonly string[] },
  all: boolean,
): boolean {
  const { status, label = [], name, id } = filters;
  if (!(all || status) && !inspect.State.Running) return false;
  if (status && !status.includes(inspect.State.Status)) return false;
  if (name && !name.some((part) => inspect.Name.includes(part))) return false;
  if (id && !id.some((part) => inspect.Id.startsWith(part))) return false;
  return label.every((wanted) => hasLabel(inspect.Config.Labels, wanted));
}

function hasLabel(labels: { readonly [key: string]: string }, wanted: string): boolean {
  const equals = wanted.indexOf('=');
  if (equals < 0) return Object.hasOwn(labels, wanted);
  return labels[wanted.slice(0, equals)] === wanted.slice(equals + 1);
}

function summary({ inspect }: EngineContainer): object {
  const { Id, Name, Created, Image, State, Config } = inspect;
  return {
    Id,
    Names: [Name],
    Image: Config.Image,
    ImageID: Image,
    Command: [inspect['Path'], ...((inspect['Args'] as string[] | undefined) ?? [])].join(' '),
    Created: Math.floor(Date.parse(Created) / 1000),
    Ports: [],
    Labels: Config.Labels,
    State: State.Status,
    Status: State.Running ? 'Up 3 hours' : `Exited (${State['ExitCode']}) 3 hours ago`,
    HostConfig: { NetworkMode: 'default' },
    NetworkSettings: { Networks: {} },
    Mounts: [],
  };
}

/** By id, unique id prefix, or name. */
function findContainer({ containers }: EngineState, id: string): EngineContainer {
  const all = [...containers.values()];
  const byName = all.find(({ inspect }) => inspect.Id === id || inspect.Name === `/${id.replace(/^\//, '')}`);
  const byPrefix = /^[0-9a-f]+$/.test(id) ? all.filter(({ inspect }) => inspect.Id.startsWith(id)) : [];
  const found = byName ?? (byPrefix.length === 1 ? byPrefix[0] : undefined);
  if (!found || found.vanished) throw new EngineError(404, `No such container: ${id}`);
  return found;
}

function listProcesses(state: EngineState, id: string, url: URL): object {
  const { inspect, processes = [] } = findContainer(state, id);
  if (!inspect.State.Running) throw new EngineError(409, `container ${inspect.Id} is not running`);
  const wanted = url.searchParams.get('ps_args') ?? '-ef';
  if (!/^-?[a-z]+$/i.test(wanted)) throw new EngineError(500, `Error running ps: exit status 1`);
  return { Titles: processTitles, Processes: processes };
}

function listImages({ containers, images }: EngineState): object[] {
  const used = [...containers.values()].map(({ inspect }) => inspect.Image);
  return [...images.values()].map(({ Id, RepoTags, RepoDigests, Created, Size }) => ({
    Id,
    ParentId: '',
    RepoTags,
    RepoDigests,
    Created: Math.floor(Date.parse(Created) / 1000),
    Size,
    SharedSize: -1,
    Labels: null,
    Containers: used.filter((image) => image === Id).length,
  }));
}

function findImage({ images }: EngineState, id: string): EngineImage {
  const tagged = /[:@]/.test(id) ? id : `${id}:latest`;
  const found = [...images.values()].find(({ Id, RepoTags, RepoDigests }) => {
    const short = /^[0-9a-f]{6,}$/.test(id) && Id.startsWith(`sha256:${id}`);
    return Id === id || short || RepoTags.includes(tagged) || RepoDigests.includes(id);
  });
  if (!found) throw new EngineError(404, `No such image: ${tagged}`);
  return found;
}

function followEvents({ followers }: EngineState, response: ServerResponse, url: URL): void {
  const { type, event: actions } = filtersOf(url);
  const follow = (event: EngineEvent) => {
    if (type && !type.includes(event.Type)) return;
    if (actions && !actions.includes(event.Action)) return;
    const { Type, Action, Actor, time } = event;
    const line = { status: Action, id: Actor.ID, Type, Action, Actor, scope: 'local', time, timeNano: time * 1e9 };
    response.write(`${JSON.stringify(line)}\n`);
  };
  followers.add(follow);
  response.on('close', () => followers.delete(follow));
  response.setHeader('content-type', 'application/json').flushHeaders();
}

// A minimal Docker Engine for the collector's fallback: a list of containers with their details. Tests can replace the answer of
// any path.
import type { IncomingMessage, ServerResponse } from 'node:http';
import type { ContainerInspect, ImageInspect } from '../../src/docker-api.ts';
import { type FakeHttp, json, serve } from './fake-http.ts';

export interface TinyContainer {
  inspect: ContainerInspect;
  /** Rows of `top`. */
  processes: string[][] | null;
  status: string;
}

export interface TinyEngine {
  readonly http: FakeHttp;
  readonly containers: TinyContainer[];
  readonly images: ImageInspect[];
  /** Replaces the engine's answer for a path. */
  readonly instead: Map<string, (request: IncomingMessage, response: ServerResponse) => void>;
  /** Maximum number of simultaneous calls. */
  mostAtOnce(): number;
}

const titles = ['USER', 'PID', '%CPU', 'COMMAND'];

export function running(inspect: ContainerInspect, processes?: string[][]): TinyContainer {
  const pid = String(inspect.State.Pid ?? 0);
  return { inspect, processes: processes ?? [['root', pid, '0.0', 'redis-server']], status: 'Up 5 minutes' };
}

export async function tinyEngine(containers: TinyContainer[], images: ImageInspect[] = []): Promise<TinyEngine> {
  const instead: TinyEngine['instead'] = new Map();
  let now = 0;
  let most = 0;
  const http = await serve((request, response) => {
    most = Math.max(most, ++now);
    response.on('close', () => now--);
    const path = (request.url ?? '').split('?')[0] ?? '';
    const other = instead.get(path);
    if (other) return other(request, response);
    // Answers one turn of the event loop later, so that simultaneous calls overlap.
    setImmediate(() => {
      const found = answerOf(path, containers, images);
      if (found === undefined) json(response, { message: 'page not found' }, 404);
      else json(response, structuredClone(found));
    });
  });
  return { http, containers, images, instead, mostAtOnce: () => most };
}

function answerOf(path: string, containers: readonly TinyContainer[], images: readonly ImageInspect[]): unknown {
  if (path === '/version')
    return { Version: '26.1.0', ApiVersion: '1.45', Components: [{ Name: 'Engine', Version: '26' }] };
  if (path === '/containers/json') return containers.map(summaryOf);
  const [, what, id = '', call] = path.split('/');
  const decoded = decodeURIComponent(id);
  if (path === '/images/json')
    return images.map(({ Id, RepoTags, RepoDigests }) => ({ Id, RepoTags, RepoDigests, Size: 9, Created: 1 }));
  if (what === 'images') return images.find(({ Id }) => Id === decoded);
  const container = containers.find(({ inspect }) => inspect.Id === decoded);
  if (call === 'json') return container?.inspect;
  return container && { Titles: titles, Processes: container.processes };
}

function summaryOf({ inspect, status }: TinyContainer): object {
  const { Id, Name, Image, Config, State } = inspect;
  const names = { Names: [Name], Image: Config.Image, ImageID: Image, Labels: Config.Labels };
  return { Id, ...names, State: State.Status, Status: status };
}

// The relay's routes: each validates id and query, then calls the runtime. Calls are rebuilt from validated parts; nothing
// a client sent is forwarded as it is.
import type { FastifyRequest } from 'fastify';
import { Semaphore } from '../src/concurrency.ts';
import {
  type ContainerProcesses,
  type EngineCall,
  type EngineCallName,
  engineCalls,
  isEngineId,
  pingAnswer,
} from '../src/docker-api.ts';
import { fault } from '../src/errors.ts';
import type { Server } from '../src/http/server.ts';
import { type Process, snapshotLimits } from '../src/minion-api.ts';
import { tableOf } from '../src/process-table.ts';
import type { Engine } from './engine.ts';
import type { Outgoing } from './outgoing.ts';
import type { Runtime } from './runtimes/runtime.ts';

interface Asked {
  readonly id: string;
  readonly query: { readonly [name: string]: string };
}

/** How to call a runtime, and which part of the answer may be passed on. */
type Answer = (runtime: Runtime, asked: Asked, outgoing: Outgoing) => Promise<unknown>;

const answers: { readonly [name in EngineCallName]: Answer } = {
  ping: async (runtime) => {
    await runtime.ping();
    return pingAnswer;
  },
  version: (runtime) => runtime.version(),
  listContainers: async (runtime, { query }, outgoing) =>
    outgoing.summaries(await runtime.listContainers(isTrue(query.all))),
  inspectContainer: async (runtime, { id }, outgoing) => outgoing.container(await runtime.inspectContainer(id)),
  listProcesses: async (runtime, { id }, outgoing) => topOf(await runtime.listProcesses(id), outgoing),
  inspectImage: async (runtime, { id }, outgoing) => outgoing.image(await runtime.inspectImage(id)),
};

/** Like Docker's `top`. */
function topOf(processes: readonly Process[], outgoing: Outgoing): ContainerProcesses {
  const shown = outgoing.processes(processes.slice(0, snapshotLimits.processesOfContainer));
  const table = tableOf(shown, Date.now() / 1000);
  return shown.length < processes.length ? { ...table, Omitted: processes.length - shown.length } : table;
}

export interface RelayOptions {
  readonly engine: Engine;
  readonly outgoing: Outgoing;
  /** Maximum relayed calls at once, and waiting ones. */
  readonly bounds?: { readonly atOnce: number; readonly waiting: number };
}

const usualBounds = { atOnce: 8, waiting: 64 } as const;

export function relayRoutes(app: Server, { engine, outgoing, bounds = usualBounds }: RelayOptions): void {
  const turns = new Semaphore(bounds.atOnce, { waiting: bounds.waiting, full: () => fault('engine_busy') });
  for (const name of Object.keys(engineCalls) as EngineCallName[]) {
    const call: EngineCall = engineCalls[name];
    app.get(call.path, { exposeHeadRoute: false }, async (request, reply) => {
      const asked = { id: checkedId(call, request), query: checkedQuery(call, request.query) };
      const answer = await turns.run(() => engine.call(name, (runtime) => answers[name](runtime, asked, outgoing)));
      return reply.type(typeof answer === 'string' ? 'text/plain; charset=utf-8' : 'application/json').send(answer);
    });
  }
}

function isTrue(value: string | undefined): boolean {
  return value === '1' || value === 'true';
}

function checkedId({ id: grammar }: EngineCall, { params }: FastifyRequest): string {
  if (!grammar) return '';
  const { id } = params as { id: string };
  if (isEngineId(grammar, id)) return id;
  throw fault('bad_parameter', {
    parameter: 'id',
    reason: `must be the id or the name of a${grammar === 'image' ? 'n' : ''} ${grammar}`,
  });
}

function checkedQuery({ query: allowed = {}, required = [] }: EngineCall, query: unknown): { [name: string]: string } {
  const given = query as { readonly [name: string]: unknown };
  for (const parameter of required) {
    if (!Object.hasOwn(given, parameter)) {
      throw fault('bad_parameter', { parameter, reason: `required, one of ${allowed[parameter]?.join(', ')}` });
    }
  }
  return Object.fromEntries(Object.entries(given).map(([name, value]) => [name, checkedValue(allowed, name, value)]));
}

function checkedValue(allowed: NonNullable<EngineCall['query']>, parameter: string, value: unknown): string {
  const values = Object.hasOwn(allowed, parameter) ? allowed[parameter] : undefined;
  if (!values) throw fault('bad_parameter', { parameter: parameter.slice(0, 64), reason: 'unknown' });
  if (typeof value === 'string' && values.includes(value)) return value;
  throw fault('bad_parameter', { parameter, reason: `must be one of ${values.join(', ')}` });
}

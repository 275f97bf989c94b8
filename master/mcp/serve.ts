// Tools, documents and prompts as a server of the official package, for both protocol versions. This file loads the
// package, so it is imported on demand.
import {
  type CallToolResult,
  createMcpHandler,
  fromJsonSchema,
  type JsonSchemaType,
  type McpHttpHandler,
  McpServer,
  ResourceTemplate,
  type ServerContext,
} from '@modelcontextprotocol/server';
import { Type } from 'typebox';
import { Fault, fault } from '../../src/errors.ts';
import type { Steps } from '../../src/steps.ts';
import type { Running } from '../routes/in-turns.ts';
import type { RouteContext } from '../routes/route.ts';
import { turns } from '../turns.ts';
import { type Answer, type Asked, answerOf, frame, warning } from './answer.ts';
import { documents, resourceText, scheme } from './documents.ts';
import { namingArguments } from './named-issues.ts';
import { prompts } from './prompts.ts';
import { cut, quoted, shown, shownId } from './shown.ts';
import { tools } from './tools/index.ts';
import { alike, inputOf } from './tools/parameters.ts';
import type { Context, Found, Tool } from './tools/tool.ts';

export type ServeContext = Context & Pick<RouteContext, 'notReady' | 'build' | 'partial'>;

/** Milliseconds that clients may cache lists: they are constant for the process. */
const lists = { ttlMs: 300_000, cacheScope: 'private' } as const;
/** Answers must not be cached, because the graph changes. */
const fresh = { ttlMs: 0, cacheScope: 'private' } as const;

const instructions = `A Kubernetes cluster as a graph: resources, and relations with the field that says so. Nothing here writes. Begin with groups (what is broken) or search (ids), go on with get, around, impact, path; changes and history tell of the past. Every answer says its revision, what is not complete, and what was left out with the call that brings it. ${warning}`;

const annotations = { readOnlyHint: true, destructiveHint: false, idempotentHint: true, openWorldHint: false } as const;

const json = 'application/json';

const asSchema = <T>(schema: object) => fromJsonSchema<T>(schema as JsonSchemaType);

/** Computed once: a server is created for every request. */
const described = tools.map((tool) => ({
  tool,
  config: {
    title: tool.title,
    description: tool.description,
    inputSchema: namingArguments(asSchema<Asked & Record<string, unknown>>(inputOf(tool)), inputOf(tool)),
    outputSchema: asSchema<object>(Type.Object({ ...frame, rows: Type.Array(Type.Partial(Type.Object(tool.row))) })),
    annotations,
  },
}));
const promptSchemas = prompts.map(({ parameters }) => asSchema<Record<string, string | undefined>>(parameters));

/** Handles requests of either version like a web server, without state. */
export function createHandler(context: ServeContext, more?: (server: McpServer) => void): McpHttpHandler {
  return createMcpHandler(
    () => {
      const server = createServer(context);
      more?.(server);
      return server;
    },
    // Lists never change: there is nothing to subscribe to.
    { maxSubscriptions: 1, maxRequestBodySize: 64 << 10 },
  );
}

function createServer(context: ServeContext): McpServer {
  const server = new McpServer(
    { name: 'cluster-insight', title: 'Cluster Insight', version: context.build.version },
    {
      instructions,
      capabilities: {
        tools: { listChanged: false },
        resources: { listChanged: false, subscribe: false },
        prompts: { listChanged: false },
      },
      cacheHints: {
        'server/discover': lists,
        'tools/list': lists,
        'prompts/list': lists,
        'resources/list': lists,
        'resources/templates/list': lists,
        'resources/read': fresh,
      },
    },
  );
  for (const { tool, config } of described)
    server.registerTool(tool.name, config, (asked, of) => called(tool, asked, context, callerOf(of)));
  addDocuments(server, context);
  addPrompts(server);
  return server;
}

function addDocuments(server: McpServer, context: ServeContext): void {
  for (const { name, uri, description, read } of documents)
    server.registerResource(name, uri, { description, mimeType: json }, () => {
      demandReady(context);
      return { contents: [{ uri, mimeType: json, text: read(context) }] };
    });
  const template = new ResourceTemplate(`${scheme}resource/{+id}`, { list: undefined });
  const config = { description: 'One resource, redacted as everywhere', mimeType: json };
  server.registerResource('resource', template, config, async (uri, { id = '' }, of) => {
    demandReady(context);
    const { signal, asker } = callerOf(of);
    const text = await turns.run(resourceText(decoded(String(id)), context), signal, asker);
    return { contents: [{ uri: uri.href, mimeType: json, text }] };
  });
}

function addPrompts(server: McpServer): void {
  for (const [i, { name, title, description, argument, text }] of prompts.entries()) {
    const argsSchema = promptSchemas[i] as (typeof promptSchemas)[number];
    server.registerPrompt(name, { title, description, argsSchema }, (given) => ({
      messages: [{ role: 'user', content: { type: 'text', text: text(given[argument]) } }],
    }));
  }
}

/** URI variables are percent-encoded. */
function decoded(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}

/** @throws Fault `not_ready`. */
function demandReady({ notReady }: ServeContext): void {
  const reason = notReady?.();
  if (reason !== undefined) throw fault('not_ready', { reason });
}

interface Caller {
  readonly signal: AbortSignal;
  /** The tenant whose share of time it uses: see `turns.run`. */
  readonly asker: string | undefined;
}

function callerOf({ mcpReq, http }: ServerContext): Caller {
  return { signal: mcpReq.signal, asker: http?.authInfo?.clientId };
}

async function called(tool: Tool, asked: Asked, context: ServeContext, caller: Caller): Promise<CallToolResult> {
  try {
    demandReady(context);
    const { text, structured } = await answered(tool, asked, context, caller);
    return { content: [{ type: 'text', text }], structuredContent: structured };
  } catch (error) {
    if (!(error instanceof Fault)) throw error;
    return { content: [{ type: 'text', text: await failureText(error, context, caller) }], isError: true };
  }
}

async function answered(tool: Tool, asked: Asked, context: ServeContext, { signal, asker }: Caller): Promise<Answer> {
  const { budget: _, after: __, ...own } = asked;
  const running: Running = {
    inTurns: (steps) => turns.run(steps, signal, asker),
    whileThere: (work) => work(signal),
  };
  const steps = tool.answer(own, context, running);
  const write = (found: Found) => written(tool, found, asked, context);
  if ('next' in steps) return turns.run(then(steps, write), signal, asker);
  return write(await steps);
}

/** Runs directly on the result, without a pause in between. */
function* then<T, U>(steps: Steps<T>, go: (found: T) => U): Steps<U> {
  return go(yield* steps);
}

function written(tool: Tool, found: Found, asked: Asked, { graph, partial = false }: ServeContext): Answer {
  try {
    return answerOf(tool, found, { cluster: graph.clusterName, partial, asked: { ...asked } });
  } finally {
    found.release();
  }
}

/** A sentence and a call that would work. Arguments are repeated as data: they may be the cluster's own text. */
async function failureText(
  { code, message, facts }: Fault,
  context: ServeContext,
  { signal, asker }: Caller,
): Promise<string> {
  if (code !== 'unknown_id') return cut(message, 800);
  const id = String(facts['id']);
  const others = await turns.run(alike(id, context), signal, asker);
  const seen = context.partial === true ? ' that you may see' : '';
  const there = others.length > 0 ? `, but there is: ${others.map((each) => quoted(shownId(each))).join(', ')}` : '';
  const name = id.split('/').at(-1) ?? id;
  return `There is no ${shown(String(facts['type']))} ${quoted(shownId(id))}${seen}${there}. Find ids with: search ${JSON.stringify({ text: shown(name) })}`;
}

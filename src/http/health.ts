// /livez, /readyz and /healthz like the Kubernetes API server: 200 or 503, `?verbose` lists checks, `?exclude=name` skips
// one. https://kubernetes.io/docs/reference/using-api/health-checks/
import { type Clock, timestampOf } from '../clock.ts';
import { fault } from '../errors.ts';
import { flatValidator } from '../flat-values.ts';
import { Type } from '../schema.ts';
import type { Server } from './server.ts';

export interface Check {
  readonly name: string;
  /** True, or the reason of failure. Must be quick: it runs within the request. */
  check(): true | string;
  /** A note in `?verbose` for a passing check; undefined for none. */
  note?(): string | undefined;
}

export interface HealthOptions {
  /** Whether this process works. Never about the cluster, since a restart would not help. */
  readonly live: readonly Check[];
  /** Whether it can give useful answers. */
  readonly ready: readonly Check[];
  readonly clock?: Clock;
}

const switches = ['', 'true', '1'];

const querystring = Type.Object(
  {
    verbose: Type.Optional(Type.String({ description: 'List every check', examples: [''] })),
    exclude: Type.Optional(
      Type.Array(Type.String(), { description: 'Leave out the check of this name', examples: [['sync']] }),
    ),
  },
  { additionalProperties: false },
);

const text = { 'text/plain': { schema: Type.String() } };
const failure = Type.Object({
  success: Type.Literal(false),
  timestamp: Type.String(),
  error_message: Type.String(),
  code: Type.String(),
});
const healthy = Type.Object({ success: Type.Literal(true), timestamp: Type.String(), health: Type.Literal('OK') });
const response: object = {
  200: { description: 'It does', content: { ...text, 'application/json': { schema: healthy } } },
  default: { description: 'It does not', content: { ...text, 'application/json': { schema: failure } } },
};

/** Asked every few seconds, and first of all: what compiles larger schemas is not loaded for them. */
const compilers = {
  validatorCompiler: ({ schema }: { readonly schema: unknown }) =>
    flatValidator(schema as Parameters<typeof flatValidator>[0]),
  serializerCompiler: () => JSON.stringify,
};

export function healthRoutes(app: Server, { live, ready, clock = Date.now }: HealthOptions): void {
  textRoute(app, 'livez', live);
  textRoute(app, 'readyz', ready);
  const schema = { summary: 'Whether the process works, as JSON', tags: ['health'], querystring, response };
  app.get('/healthz', { schema, ...compilers, config: { probe: true } }, async ({ query }, reply) => {
    const { text, failed } = report('healthz', live, query.exclude ?? []);
    if (isOn(query.verbose))
      return reply
        .code(failed.length > 0 ? 503 : 200)
        .type('text/plain')
        .send(text);
    if (failed.length > 0) throw fault('unavailable', { reason: failed.join('; ') });
    return { success: true, timestamp: timestampOf(clock()), health: 'OK' };
  });
}

function textRoute(app: Server, name: 'livez' | 'readyz', checks: readonly Check[]): void {
  const summary = name === 'livez' ? 'Whether the process works' : 'Whether it can answer usefully';
  const schema = { summary, tags: ['health'], querystring, response };
  app.get(`/${name}`, { schema, ...compilers, config: { probe: true } }, async ({ query }, reply) => {
    const { text, failed } = report(name, checks, query.exclude ?? []);
    reply.code(failed.length > 0 ? 503 : 200).type('text/plain; charset=utf-8');
    return isOn(query.verbose) || failed.length > 0 ? text : 'ok';
  });
}

function isOn(verbose: string | undefined): boolean {
  return verbose !== undefined && switches.includes(verbose);
}

function report(name: string, checks: readonly Check[], exclude: readonly string[]) {
  const results = checks.map((one) => ({ name: one.name, result: exclude.includes(one.name) || outcome(one) }));
  const lines = results.map(({ name, result }, i) => line(name, result, exclude.includes(name), checks[i]?.note?.()));
  const failed = results.flatMap(({ name, result }) => (result === true ? [] : [`${name}: ${result}`]));
  const verdict = `${name} check ${failed.length > 0 ? 'failed' : 'passed'}`;
  return { text: [...lines, ...unmatched(checks, exclude), verdict, ''].join('\n'), failed };
}

/** A check that throws has failed and affects no other. */
function outcome(one: Check): true | string {
  try {
    return one.check();
  } catch (error) {
    return error instanceof Error ? error.message : String(error);
  }
}

function line(name: string, result: true | string, excluded: boolean, note?: string): string {
  if (excluded) return `[+]${name} excluded: ok`;
  return result === true ? `[+]${name} ok${note === undefined ? '' : `: ${note}`}` : `[-]${name} failed: ${result}`;
}

function unmatched(checks: readonly Check[], exclude: readonly string[]): string[] {
  const unknown = exclude.filter((name) => checks.every((one) => one.name !== name));
  return unknown.map((name) => `warn: there is no check ${JSON.stringify(name)} to leave out`);
}

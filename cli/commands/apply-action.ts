// `apply-action`: sends actions to the actor, shows their effects and, if asked, approves them and waits for the outcome.
import { readFileSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { parseAllDocuments } from 'yaml';
import { isRecord } from '../../src/fields.ts';
import type { Call, Command } from '../command.ts';
import { exitStatus, failed, reasonOf, usageFailure } from '../failure.ts';
import type { Output } from '../print/output.ts';
import { shown } from '../print/output.ts';
import { printTable } from '../print/table.ts';
import { pathOf, type Source, textOf } from '../sources/source.ts';

export const applyAction = {
  name: 'apply-action',
  position: 12,
  summary: 'Has the actor show what an action would change, and carry it out',
  usage: '-f FILE',
  description: [
    'FILE holds actions as docs/actions.md describes them, in JSON or YAML. Each is shown as the difference that the',
    'API server would make of it; nothing is changed. --approve has it carried out, with the rights of the user, and',
    'waits until it is up or was taken back. Exit status 1 if it was refused, expired or taken back.',
    'FILE may be an answer of GET /cluster/right-sizing: what that proposes. --cluster hands them to a cluster through',
    'the gateway at --server, with a token of that cluster.',
  ],
  options: ['approve', 'cluster'],
  places: [
    'filename',
    'server',
    'token',
    'token-file',
    'certificate-authority',
    'insecure-skip-tls-verify',
    'context',
    'kubeconfig',
    'service',
    'service-account',
    'help',
  ],
  words: {
    filename: 'Files with actions; - for stdin',
    server: 'A running actor to ask, such as http://localhost:4245, or with --cluster a gateway',
    service: "The actor's Service as NAMESPACE/NAME; found by its labels if not given",
  },
  examples: [
    {
      line: 'apply-action -f action.json --server http://localhost:4245 --token-file token',
      words: 'What an action would change',
    },
    {
      line: 'apply-action -f action.json --approve --server http://localhost:4245 --token-file token',
      words: 'The same, carried out and waited for',
    },
  ],
  run,
} as const satisfies Command;

interface Entry {
  readonly id: string;
  readonly state: string;
  readonly action: {
    readonly action: string;
    readonly target: { readonly kind: string; readonly namespace: string; readonly name: string };
  };
  readonly why?: { readonly code: string; readonly message: string };
  readonly note?: string;
  /** What was told last, of an actor that cannot be asked now. */
  readonly staleSince?: string;
  readonly difference?: readonly { readonly field: string; readonly before?: unknown; readonly after?: unknown }[];
}

/** Milliseconds between two status requests. */
const period = 1_000;
/** Questions one after the other that are not answered before it is given up. */
const mostFailures = 120;
const underWay = ['executing', 'rolling-back'];

async function run(call: Call): Promise<number> {
  const { values, words, output } = call;
  const [word] = words;
  if (word !== undefined) throw usageFailure(`apply-action: ${word} is one word too many: give -f FILE`);
  if (values.cluster !== undefined && values.server === undefined)
    throw usageFailure('--cluster goes with --server: the gateway that the cluster calls');
  const documents = await documentsIn(values.filename ?? [], call.input);
  const source = await call.openActor();
  let isDone = true;
  try {
    for (const document of documents) {
      const entry = await applied({ source, cluster: values.cluster }, document, values.approve === true, output);
      isDone &&= entry.state === 'executed' || (entry.state === 'dry-run' && values.approve !== true);
    }
  } finally {
    await source.close();
  }
  return isDone ? exitStatus.answered : exitStatus.no;
}

async function documentsIn(paths: readonly string[], input: AsyncIterable<Buffer>): Promise<readonly unknown[]> {
  if (paths.length === 0) throw usageFailure('apply-action: give -f FILE with an action');
  const found: unknown[] = [];
  for (const path of paths) {
    const text = path === '-' ? await textOf(input) : readText(path);
    for (const document of parseAllDocuments(text)) {
      if (document.errors[0]) throw failed(`${path}: ${reasonOf(document.errors[0])}`);
      const value: unknown = document.toJS();
      if (value !== null && value !== undefined) found.push(...actionsIn(value));
    }
  }
  if (found.length === 0) throw failed(`there is no action in ${paths.join(', ')}`);
  return found;
}

/** The items of a list; of an answer about right-sizing, its proposals. */
function actionsIn(value: unknown): readonly unknown[] {
  if (Array.isArray(value)) return value;
  if (!isRecord(value) || !Array.isArray(value['workloads'])) return [value];
  return value['workloads'].flatMap((each) => (isRecord(each) && each['action'] !== undefined ? [each['action']] : []));
}

function readText(path: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch (error) {
    throw failed(`${path} cannot be read: ${reasonOf(error)}`, error);
  }
}

interface Place {
  readonly source: Source;
  /** Behind a gateway. */
  readonly cluster: string | undefined;
}

async function applied(place: Place, document: unknown, approve: boolean, output: Output): Promise<Entry> {
  const entry = await sent(place, '/actions', JSON.stringify(document));
  await show(entry, output);
  if (!approve || entry.state !== 'dry-run') return entry;
  const path = `/actions/${encodeURIComponent(entry.id)}`;
  const now = await overIn(place, path, await sent(place, `${path}/approve`, '{}'));
  await output.line(outcome(now, output));
  return now;
}

/** Polls. The server may be away for a while, for instance to restart; the action continues meanwhile. */
async function overIn(place: Place, path: string, begun: Entry): Promise<Entry> {
  let now = begun;
  for (let failures = 0; isOpen(now); ) {
    await sleep(period);
    const answer = await answerOf(place, path).catch((error: unknown) => reasonOf(error));
    if (typeof answer !== 'string' && answer.status < 500) {
      now = entryOf(answer.status, answer.text, place.source.name);
      failures = 0;
    } else if (++failures >= mostFailures) throw failed(`${place.source.name} says no more what became of ${now.id}`);
  }
  return now;
}

/** What was told last by an actor that is away may be older than the approval. */
function isOpen({ state, staleSince }: Entry): boolean {
  return underWay.includes(state) || (state === 'dry-run' && staleSince !== undefined);
}

async function answerOf(place: Place, path: string): Promise<{ readonly status: number; readonly text: string }> {
  const { status, body } = await place.source.ask(pathIn(place, path));
  return { status, text: await textOf(body) };
}

function pathIn({ cluster }: Place, path: string): string {
  return cluster === undefined ? path : pathOf(path, { cluster });
}

async function sent(place: Place, path: string, body: string): Promise<Entry> {
  const { source } = place;
  const signal = new AbortController().signal;
  const headers = { 'content-type': 'application/json', 'user-agent': 'kubectl-insight' };
  const answer = await source.post(pathIn(place, path), body, headers, signal).catch((error: unknown) => {
    throw failed(`${source.name} cannot be reached: ${reasonOf(error)}`, error);
  });
  return entryOf(answer.status, await textOf(answer.body), source.name);
}

/** @throws Failure with the actor's objection. */
function entryOf(status: number, text: string, name: string): Entry {
  try {
    const said: unknown = JSON.parse(text);
    if (isRecord(said) && said['success'] === true && isRecord(said['action'])) return said as unknown as Entry;
    if (isRecord(said) && typeof said['error_message'] === 'string') throw failed(`${name}: ${said['error_message']}`);
  } catch (error) {
    if (!(error instanceof SyntaxError)) throw error;
  }
  throw failed(`${name} answers ${status} with what is not an action: is it an actor of Cluster Insight?`);
}

async function show(entry: Entry, output: Output): Promise<void> {
  await output.line(outcome(entry, output));
  const rows = (entry.difference ?? []).map(({ field, before, after }) => [
    { text: `  ${field}` },
    { text: said(before), style: 'red' as const },
    { text: said(after), style: 'green' as const },
  ]);
  if (rows.length > 0) await printTable(output, ['  FIELD', 'BEFORE', 'AFTER'], rows);
}

function said(value: unknown): string {
  if (value === undefined) return '-';
  return typeof value === 'string' ? value : JSON.stringify(value);
}

function outcome({ id, state, action, why, note }: Entry, output: Output): string {
  const { kind, namespace, name } = action.target;
  const isWell = state === 'executed' || state === 'dry-run';
  const because = [why && `${why.message} (${why.code})`, note].filter((part) => part !== undefined).join('; ');
  const what = `${id}: ${action.action} of ${kind} ${namespace}/${name}`;
  return `${shown(what)}: ${output.paint(isWell ? 'green' : 'yellow', shown(state))}${because && `: ${shown(because)}`}`;
}

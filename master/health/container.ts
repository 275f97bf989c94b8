// Health of a container: from its Pod's status, or from its runtime without a Pod.
import type { KubernetesObject } from '../../src/model.ts';
import type { Health, HealthRule } from './health.ts';
import { containerWord, startingWords, stateOf } from './pod-status.ts';
import { countAt, type Fields, fieldsAt, health, statusOf, textAt } from './read.ts';

export const container = {
  types: ['Container'],
  fields: ['status.state', 'status.ready', 'runtime.State', 'observed.oomKills'],
  sentence:
    'Ok when it runs and is ready; done when it ended with 0; failed when it waits for anything but its start, or ended ' +
    'otherwise. The words are those that kubectl prints of its Pod. Degraded when it lives on, or is not yet said to have ended, and ' +
    'the probe `oom`, or its kubelet, counted a process of it killed for memory within the last hour.',
  of: containerHealth,
} as const satisfies HealthRule;

function containerHealth(object: KubernetesObject): Health | undefined {
  const said = saidHealth(object);
  return said?.state === 'ok' || said?.state === 'progressing' ? (killedForMemory(object) ?? said) : said;
}

const killedField = 'observed.oomKills';

/** What a probe of its node counted. */
function killedForMemory(object: KubernetesObject): Health | undefined {
  const { atLeast, since } = fieldsAt(fieldsAt(object, 'observed'), 'oomKills');
  if (typeof atLeast !== 'number' || typeof since !== 'string') return undefined;
  return health('degraded', `OOMKilled ${atLeast}+ since ${since.replace(/:\d\d(\.\d+)?Z$/, 'Z')}`, killedField);
}

/** Whether health says this of a container. */
export function isKilledForMemory({ state, field }: Health): boolean {
  return state === 'degraded' && field === killedField;
}

function saidHealth(object: KubernetesObject): Health | undefined {
  const status = object['status'] === undefined ? undefined : statusOf(object);
  if (status && Object.keys(fieldsAt(status, 'state')).length > 0) return byStatus(status, object['type']);
  const runtime = fieldsAt(fieldsAt(object, 'runtime'), 'State');
  if (Object.keys(runtime).length > 0) return byRuntime(runtime);
  return object['spec'] === undefined ? undefined : health('progressing', 'Waiting', 'status');
}

function byStatus(status: Fields, list: unknown): Health {
  const said = containerWord(status);
  const { running, terminated } = stateOf(status);
  if (said) {
    const ended = terminated ? (terminated['exitCode'] === 0 || list === 'ephemeral' ? 'done' : 'failed') : 'failed';
    return health(startingWords.has(said.word) ? 'progressing' : ended, said.word, `status.state.${said.field}`);
  }
  if (!running) return health('progressing', 'Waiting', 'status.state.waiting');
  if (list === 'ephemeral' || status['ready'] === true) return health('ok', 'Running', 'status.state.running');
  if (list === 'init') return health('progressing', 'Running', 'status.state.running');
  return health('progressing', 'NotReady', 'status.ready');
}

/** A Docker inspect, which minions produce for every runtime. */
function byRuntime(state: Fields): Health {
  if (state['Restarting'] === true) return health('failed', 'Restarting', 'runtime.State.Restarting');
  if (state['Paused'] === true) return health('idle', 'Paused', 'runtime.State.Paused');
  if (state['Running'] === true) return health('ok', 'Running', 'runtime.State.Running');
  if (state['Dead'] === true) return health('failed', 'Dead', 'runtime.State.Dead');
  if (state['OOMKilled'] === true) return health('failed', 'OOMKilled', 'runtime.State.OOMKilled');
  if (textAt(state, 'Status') === 'created') return health('progressing', 'Created', 'runtime.State.Status');
  const code = countAt(state, 'ExitCode');
  if (code === 0) return health('done', 'Completed', 'runtime.State.ExitCode');
  return health('failed', `ExitCode:${code}`, 'runtime.State.ExitCode');
}

// kubectl's STATUS and READY of a Pod, and the deciding field. The API server makes these words
// (pkg/printers/internalversion in kubernetes/kubernetes, printPod); the order of cases is the same.
import type { KubernetesObject } from '../../src/model.ts';
import {
  conditionsOf,
  countAt,
  type Fields,
  fieldsAt,
  isDeleted,
  recordsOf,
  specOf,
  statusOf,
  textAt,
} from './read.ts';

export interface PodStatus {
  readonly word: string;
  readonly field: string;
  readonly ready: number;
  readonly total: number;
  /** Init containers are still to run. */
  readonly initializing: boolean;
}

interface Word {
  readonly word: string;
  readonly field: string;
}

export function podStatus(pod: KubernetesObject): PodStatus {
  const status = statusOf(pod);
  const init = initialized(pod);
  const began = phaseWord(pod);
  const isInitialized = conditionsOf(pod).get('Initialized')?.status === 'True';
  const main = !init.word || isInitialized ? mainWord(pod, init.word ?? began) : { ...init.word, ready: 0 };
  const total = recordsOf(specOf(pod)['containers']).length + init.sidecars.size;
  const word = deletionWord(pod, status) ?? main;
  const initializing = init.word !== undefined && !isInitialized;
  return { word: word.word, field: word.field, ready: init.ready + main.ready, total, initializing };
}

function phaseWord(pod: KubernetesObject): Word {
  const status = statusOf(pod);
  const scheduled = conditionsOf(pod).get('PodScheduled');
  if (scheduled?.reason === 'SchedulingGated') return { word: scheduled.reason, field: scheduled.field };
  const reason = textAt(status, 'reason');
  return reason ? { word: reason, field: 'status.reason' } : { word: textAt(status, 'phase'), field: 'status.phase' };
}

function deletionWord(pod: KubernetesObject, status: Fields): Word | undefined {
  if (!isDeleted(pod)) return undefined;
  if (textAt(status, 'reason') === 'NodeLost') return { word: 'Unknown', field: 'status.reason' };
  const phase = textAt(status, 'phase');
  if (phase === 'Succeeded' || phase === 'Failed') return undefined;
  return { word: 'Terminating', field: 'metadata.deletionTimestamp' };
}

interface Initialized {
  /** Set if an init container is not done. */
  readonly word?: Word;
  readonly initializing: boolean;
  /** Its index. */
  readonly heldUpBy: number;
  /** Number of ready sidecars. */
  readonly ready: number;
  readonly sidecars: ReadonlySet<string>;
}

function initialized(pod: KubernetesObject): Initialized {
  const specs = recordsOf(specOf(pod)['initContainers']);
  const sidecars = new Set(
    specs.filter(({ item }) => item['restartPolicy'] === 'Always').map(({ item }) => textAt(item, 'name')),
  );
  let ready = 0;
  for (const { at, item } of recordsOf(statusOf(pod)['initContainerStatuses'])) {
    const field = `status.initContainerStatuses[${at}]`;
    const isUp = sidecars.has(textAt(item, 'name')) && item['started'] === true;
    const word = initWord(item, isUp, field, `Init:${at}/${specs.length}`);
    if (word) return { word, initializing: true, heldUpBy: at, ready, sidecars };
    if (isUp && item['ready'] === true) ready++;
  }
  return { initializing: false, heldUpBy: -1, ready, sidecars };
}

function initWord(status: Fields, isUp: boolean, field: string, otherwise: string): Word | undefined {
  const { waiting, terminated } = stateOf(status);
  if (terminated && terminated['exitCode'] === 0) return undefined;
  if (isUp) return undefined;
  if (terminated) return { word: `Init:${endWord(terminated)}`, field: `${field}.state.terminated` };
  const reason = waiting ? textAt(waiting, 'reason') : '';
  if (reason && reason !== 'PodInitializing') return { word: `Init:${reason}`, field: `${field}.state.waiting` };
  return { word: otherwise, field };
}

/** The first container with anything but running. */
function mainWord(pod: KubernetesObject, before: Word): Word & { readonly ready: number } {
  let { word, field } = before;
  let ready = 0;
  for (const { at, item } of recordsOf(statusOf(pod)['containerStatuses']).reverse()) {
    const said = containerWord(item);
    if (said) ({ word, field } = { word: said.word, field: `status.containerStatuses[${at}].state.${said.field}` });
    else if (item['ready'] === true && stateOf(item).running) ready++;
  }
  if (word !== 'Completed' || ready === 0) return { word, field, ready };
  const isReady = conditionsOf(pod).get('Ready');
  if (isReady?.status === 'True') return { word: 'Running', field: isReady.field, ready };
  return { word: 'NotReady', field: isReady?.field ?? field, ready };
}

/** Why a container does not run; `field` is below its `state`. */
export function containerWord(status: Fields): Word | undefined {
  const { waiting, terminated } = stateOf(status);
  const reason = waiting ? textAt(waiting, 'reason') : '';
  if (reason) return { word: reason, field: 'waiting' };
  return terminated ? { word: endWord(terminated), field: 'terminated' } : undefined;
}

function endWord(terminated: Fields): string {
  const reason = textAt(terminated, 'reason');
  if (reason) return reason;
  const signal = countAt(terminated, 'signal');
  return signal > 0 ? `Signal:${signal}` : `ExitCode:${countAt(terminated, 'exitCode')}`;
}

interface State {
  readonly waiting: Fields | undefined;
  readonly running: Fields | undefined;
  readonly terminated: Fields | undefined;
}

export function stateOf(status: Fields): State {
  const state = fieldsAt(status, 'state');
  const of = (name: string) => (name in state && state[name] !== null ? fieldsAt(state, name) : undefined);
  return { waiting: of('waiting'), running: of('running'), terminated: of('terminated') };
}

/** Words of containers that wait as at every start. */
export const startingWords: ReadonlySet<string> = new Set(['ContainerCreating', 'PodInitializing']);

/**
 * Whether a running container lost its readiness: it became unready after it had started. At a start it is unready from
 * before.
 */
export function lostReadiness(since: string, startedAt: string): boolean {
  const [lost, started] = [Date.parse(since), Date.parse(startedAt)];
  return Number.isFinite(lost) && Number.isFinite(started) && lost > started + 1000;
}

export interface Restarts {
  readonly count: number;
  /** End of the last one in RFC 3339; empty if unknown. */
  readonly last: string;
}

/** kubectl's RESTARTS: init containers count only while they block the Pod. */
export function podRestarts(pod: KubernetesObject): Restarts {
  const status = statusOf(pod);
  const { initializing, heldUpBy, sidecars } = initialized(pod);
  const inits = recordsOf(status['initContainerStatuses']);
  const isInitialized = conditionsOf(pod).get('Initialized')?.status === 'True';
  if (initializing && !isInitialized) return restartsOf(inits.slice(0, heldUpBy + 1).map(({ item }) => item));
  const counted = inits.slice(0, initializing ? heldUpBy + 1 : inits.length).map(({ item }) => item);
  const beside = counted.filter((item) => sidecars.has(textAt(item, 'name')));
  return restartsOf([...beside, ...recordsOf(status['containerStatuses']).map(({ item }) => item)]);
}

/** Sum over some containers. */
export function restartsOf(statuses: readonly Fields[]): Restarts {
  let count = 0;
  let last = '';
  for (const status of statuses) {
    count += countAt(status, 'restartCount');
    const ended = textAt(fieldsAt(fieldsAt(status, 'lastState'), 'terminated'), 'finishedAt');
    if (ended > last) last = ended;
  }
  return { count, last };
}

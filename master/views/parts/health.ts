// Health in pictures: a colour for problems, always with a word. Healthy resources stay plain.
import type { HealthAnnotation, Resource } from '../../../src/model.ts';

type State = HealthAnnotation['state'];

export interface HealthMark {
  /** Such as `CrashLoopBackOff 0/1`. */
  readonly word: string;
  readonly state: State;
  /** Dark on white and with white text: contrast of at least 4.5. */
  readonly colour: string;
  /** A light tint of it, as a background for black. */
  readonly tint: string;
}

export const healthColours: { readonly [state in State]: { readonly colour: string; readonly tint: string } } = {
  failed: { colour: '#b42318', tint: '#ffe1de' },
  degraded: { colour: '#9a5b00', tint: '#ffefcc' },
  unknown: { colour: '#6941c6', tint: '#efe7fd' },
  progressing: { colour: '#175cd3', tint: '#dfecff' },
  ok: { colour: '#1a7f37', tint: '#ffffff' },
  done: { colour: '#57606a', tint: '#ffffff' },
  idle: { colour: '#57606a', tint: '#ffffff' },
};

const plain: ReadonlySet<State> = new Set(['ok', 'done', 'idle']);

/** The health in a foreign graph may be anything. */
function healthIn({ annotations }: Pick<Resource, 'annotations'>): HealthAnnotation | undefined {
  const { health } = annotations;
  const isKnown = typeof health?.reason === 'string' && Object.hasOwn(healthColours, health.state);
  return isKnown ? health : undefined;
}

/** Undefined if healthy or unknown. */
export function healthMark(resource: Pick<Resource, 'annotations'>): HealthMark | undefined {
  const health = healthIn(resource);
  if (!health || plain.has(health.state)) return undefined;
  const word = typeof health.ready === 'string' ? `${health.reason} ${health.ready}` : health.reason;
  return { word, state: health.state, ...healthColours[health.state] };
}

/** For a tooltip: complete, also for healthy ones. */
export function healthSentence(resource: Pick<Resource, 'annotations'>): string | undefined {
  const health = healthIn(resource);
  if (!health) return undefined;
  const from = typeof health.from === 'string' ? `, ${health.from}` : '';
  return `${health.state}: ${health.reason} (${health.field}${from})`;
}

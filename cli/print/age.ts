// Ages in kubectl's format: the two largest units while significant, then one. k8s.io/apimachinery/pkg/util/duration,
// HumanDuration.

const minute = 60;
const hour = 60 * minute;
const day = 24 * hour;
const year = 365 * day;

/** Ages up to `below` seconds are given in `unit`, and the remainder in `rest`. */
interface Step {
  readonly below: number;
  readonly unit: readonly [seconds: number, letter: string];
  readonly rest?: readonly [seconds: number, letter: string];
}

const steps: readonly Step[] = [
  { below: 2 * minute, unit: [1, 's'] },
  { below: 10 * minute, unit: [minute, 'm'], rest: [1, 's'] },
  { below: 3 * hour, unit: [minute, 'm'] },
  { below: 8 * hour, unit: [hour, 'h'], rest: [minute, 'm'] },
  { below: 2 * day, unit: [hour, 'h'] },
  { below: 8 * day, unit: [day, 'd'], rest: [hour, 'h'] },
  { below: 2 * year, unit: [day, 'd'] },
  { below: 8 * year, unit: [year, 'y'], rest: [day, 'd'] },
  { below: Number.POSITIVE_INFINITY, unit: [year, 'y'] },
];

/** Age at `now` (milliseconds) of `since` (RFC 3339); empty if invalid. */
export function ageOf(since: unknown, now: number): string {
  const began = typeof since === 'string' ? Date.parse(since) : Number.NaN;
  if (!Number.isFinite(began)) return '';
  const seconds = Math.trunc((now - began) / 1000);
  if (seconds < -1) return '<invalid>';
  return written(Math.max(0, seconds));
}

function written(seconds: number): string {
  const { unit, rest } = steps.find(({ below }) => seconds < below) as Step;
  const whole = `${Math.floor(seconds / unit[0])}${unit[1]}`;
  const left = rest ? Math.floor((seconds % unit[0]) / rest[0]) : 0;
  return left > 0 && rest ? `${whole}${left}${rest[1]}` : whole;
}

// Findings as the master tells them, their groups, and their ages.

export interface Finding {
  readonly id: string;
  /** The rule's name. */
  readonly name: string;
  readonly class: string;
  readonly severity: string;
  /** Id of the resource to edit. */
  readonly resource: string;
  readonly type?: string;
  readonly namespace?: string;
  readonly sentence: string;
  readonly remedy: string;
  readonly link: string;
  readonly field?: string;
  /** Relations that prove it. */
  readonly path: readonly ProofStep[];
  readonly affected: { readonly count: number; readonly first?: readonly string[] };
  readonly since?: string;
  /** Id of the finding that explains it. */
  readonly causedBy?: string;
  readonly accepted?: { readonly reason: string; readonly by: string };
  /** Something that cannot be read may refute it. */
  readonly possibly?: boolean;
}

export interface ProofStep {
  readonly from: string;
  readonly to: string;
  readonly type: string;
  readonly field?: string;
}

/** By class, then severity; accepted ones apart. */
export interface FindingCounts {
  readonly accepted?: number;
  readonly [name: string]: number | { readonly [severity: string]: number } | undefined;
}

export const classes = ['broken', 'risk', 'advice'] as const;
export const severities = ['critical', 'high', 'medium', 'low', 'info'] as const;
/** Marks of severities: colour is never the only sign. */
export const severityMarks: { readonly [severity: string]: string } = {
  critical: '✕',
  high: '▲',
  medium: '◆',
  low: '●',
  info: '○',
};
export const findingGroupings = ['severity', 'class', 'namespace', 'kind', 'finding'] as const;

export interface FindingGroup {
  readonly key: string;
  readonly findings: readonly Finding[];
  readonly accepted: number;
}

/** In the order of the list, which has the worst first; groups by their worst. */
export function groupFindings(findings: readonly Finding[], by: string): FindingGroup[] {
  const groups = Map.groupBy(findings, (finding) => groupOf(finding, by));
  const found = [...groups].map(([key, all]) => ({
    key,
    findings: all,
    accepted: all.filter(({ accepted }) => accepted !== undefined).length,
  }));
  return found.sort(
    (a, b) => worstOf(a) - worstOf(b) || b.findings.length - a.findings.length || (a.key < b.key ? -1 : 1),
  );
}

function groupOf({ severity, class: its, namespace, type, resource, name }: Finding, by: string): string {
  if (by === 'class') return its;
  if (by === 'namespace') return namespace ?? '';
  if (by === 'kind') return (type ?? resource.split(':', 1)[0] ?? '').split('.', 1)[0] ?? '';
  return by === 'finding' ? name : severity;
}

/** Accepted ones alone make no group urgent. */
function worstOf({ findings }: FindingGroup): number {
  const places = findings.map(
    ({ severity, accepted }) => severities.findIndex((each) => each === severity) + (accepted ? severities.length : 0),
  );
  return Math.min(...places);
}

export function countOf(counts: FindingCounts | undefined, its: string, severity?: string): number {
  const of = counts?.[its];
  if (typeof of !== 'object') return 0;
  return severity === undefined ? Object.values(of).reduce((sum, each) => sum + each, 0) : (of[severity] ?? 0);
}

/** `5 min`, `3 h`, `12 d`; empty if unknown or still to come. */
export function ageOf(since: string | undefined, now: number): string {
  const seconds = (now - Date.parse(since ?? '')) / 1000;
  if (!(seconds >= 0)) return '';
  if (seconds < 60) return 'just now';
  if (seconds < 3600) return `${Math.floor(seconds / 60)} min`;
  return seconds < 172_800 ? `${Math.floor(seconds / 3600)} h` : `${Math.floor(seconds / 86_400)} d`;
}

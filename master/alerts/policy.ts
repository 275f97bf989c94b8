// How the settings report a finding or change, and to which receivers.
import type { Alert, Policy, PolicyOf, Subject } from './alert.ts';
import type { AlertSettings, ChangeAlertRule, FindingAlertRule, Match } from './settings/alert-settings.ts';

export function policyOf(settings: AlertSettings): PolicyOf {
  const changes = new Map(
    settings.rules.flatMap((rule) => (rule.kind === 'change' ? [[rule.name, rule] as const] : [])),
  );
  const findings = settings.rules.filter((rule) => rule.kind === 'finding');
  return (subject) => {
    if (subject.accepted) return undefined;
    if (subject.class !== 'change')
      return ofFinding(
        subject,
        settings,
        findings.find((rule) => applies(rule, subject)),
      );
    if (subject.rule === undefined) return { for: 0, end: 0, severity: subject.severity, lasts: settings.lasts };
    const rule = changes.get(subject.rule);
    return rule && { for: rule.for ?? 0, end: 0, severity: rule.severity, lasts: lastsOf(rule, settings.lasts) };
  };
}

/** Whether a rule says how findings of that name are told, whatever is usual. */
export function tellsOf({ rules }: AlertSettings, name: string): boolean {
  return rules.some(
    (rule) => rule.kind === 'finding' && !rule.never && (rule.for ?? rule.severity) !== undefined && rule.finding(name),
  );
}

/** A state is reported while it lasts; an event ends after a while. */
function lastsOf({ lasts, change }: ChangeAlertRule, usual: number): number | undefined {
  const stands =
    change.what === 'health' || change.what === 'path' || (change.what === 'relation' && change.turn === 'last');
  return lasts ?? (stands ? undefined : usual);
}

/** Default: broken is reported while it lasts, a risk when it begins; advice and low severities only by rule. */
function ofFinding(subject: Subject, settings: AlertSettings, rule: FindingAlertRule | undefined): Policy | undefined {
  if (rule?.never) return undefined;
  const severity = rule?.severity ?? subject.severity;
  const isAsked = rule?.for !== undefined || rule?.severity !== undefined;
  if (!isAsked && !isUsuallyTold(subject)) return undefined;
  const wait = rule?.for ?? settings.for[severity] ?? (rule?.declared ? 0 : undefined);
  if (wait === undefined) return undefined;
  const lasts = subject.class === 'broken' || isAsked ? undefined : settings.lasts;
  return { for: wait, end: rule?.end ?? usualEnd(subject, settings.end), severity, lasts };
}

function isUsuallyTold({ class: kind, severity }: Subject): boolean {
  if (kind === 'broken') return true;
  return kind === 'risk' && (severity === 'critical' || severity === 'high');
}

const crashLoopEnd = 5 * 60_000;

/** A crashing container runs for minutes between crashes. */
function usualEnd({ name }: Subject, end: number): number {
  return name === 'crash-loop' ? Math.max(end, crashLoopEnd) : end;
}

function applies({ finding, namespace }: FindingAlertRule, subject: Subject): boolean {
  return finding(subject.name) && (namespace?.(subject.namespace ?? '') ?? true);
}

export function matches({ severity, class: kinds, namespace, alert, type }: Match, told: Alert): boolean {
  const { subject } = told;
  return (
    (severity?.includes(told.severity) ?? true) &&
    (kinds?.includes(subject.class) ?? true) &&
    (namespace?.(subject.namespace ?? '') ?? true) &&
    (alert?.(subject.name) ?? true) &&
    (type?.(subject.type) ?? true)
  );
}

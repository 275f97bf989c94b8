// An alert in the form of Alertmanager's API v2. Labels are its identity and must not change during its life; everything
// else is in annotations.
import type { FindingSeverity } from '../../findings/contract.ts';
import type { Alert } from '../alert.ts';
import { linesOf, type Story } from '../story.ts';

export interface PostedAlert {
  readonly labels: { readonly [name: string]: string };
  readonly annotations: { readonly [name: string]: string };
  readonly startsAt: string;
  readonly endsAt: string;
  readonly generatorURL?: string;
}

/** Values that Alertmanager routes and inhibitions commonly use. */
const severities: { readonly [severity in FindingSeverity]: string } = {
  critical: 'critical',
  high: 'warning',
  medium: 'warning',
  low: 'info',
  info: 'info',
};

const longestLabel = 1024;
const longestAnnotation = 8192;

export function labelsOf(alert: Alert, cluster: string, own: { readonly [name: string]: string }) {
  const { subject, severity } = alert;
  const labels = {
    ...own,
    alertname: subject.name,
    cluster: own['cluster'] ?? cluster,
    severity: severities[severity],
    level: severity,
    class: subject.class,
    namespace: subject.namespace ?? '',
    resource: subject.resource,
    type: subject.type,
    id: subject.id,
  };
  return textsOf(labels, longestLabel);
}

export function annotationsOf(alert: Alert, story: Story): PostedAlert['annotations'] {
  const { subject } = alert;
  return textsOf(
    {
      summary: subject.sentence,
      description: linesOf(alert, story).join('\n'),
      remedy: subject.remedy,
      since: subject.since,
      runbook_url: subject.link ?? '',
      picture_url: story.picture ?? '',
      page_url: story.page ?? '',
    },
    longestAnnotation,
  );
}

/** `endsAt`: milliseconds. Alertmanager rejects an end before the start. */
export function postedOf(
  alert: Alert,
  texts: Pick<PostedAlert, 'labels' | 'annotations'>,
  ends: number,
  page: string | undefined,
): PostedAlert {
  const starts = Math.min(alert.since, alert.firedAt ?? alert.since, ends - 1);
  return {
    ...texts,
    startsAt: new Date(starts).toISOString(),
    endsAt: new Date(ends).toISOString(),
    ...(page === undefined ? {} : { generatorURL: page }),
  };
}

/** Alertmanager drops empty labels and rejects lone surrogates. */
function textsOf(values: { readonly [name: string]: string }, longest: number): { readonly [name: string]: string } {
  const filled = Object.entries(values).filter(([, value]) => value !== '');
  return Object.fromEntries(filled.map(([name, value]) => [name, cut(value, longest)]));
}

function cut(value: string, longest: number): string {
  return (value.length > longest ? `${value.slice(0, longest - 1)}…` : value).toWellFormed();
}

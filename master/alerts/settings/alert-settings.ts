// The parsed alerts file: receivers, subjects, delays and repetition. Types and defaults.
import type { CredentialPaths } from '../../../src/mounted-credentials.ts';
import type { FindingSeverity } from '../../findings/contract.ts';
import type { DeclaredFinding } from '../../findings/declared/declaration.ts';
import type { Wildcards } from '../../graph/questions/wildcard.ts';
import type { AlertClass } from '../alert.ts';
import type { ParsedChange } from '../changes/change-rule.ts';
import type { Grouping } from '../states/alert-groups.ts';
import type { Damping } from '../states/judge.ts';

/** Durations are milliseconds. */
export interface AlertSettings {
  /** This master's public URL without trailing slash, for links. */
  readonly url: string | undefined;
  readonly receivers: readonly ReceiverSettings[];
  readonly grouping: Grouping;
  readonly damping: Damping;
  /** By severity; missing severities are not reported. */
  readonly for: { readonly [severity in FindingSeverity]?: number };
  readonly end: number;
  /** How long a new risk is shown as an alert. */
  readonly lasts: number;
  readonly maintenance: { readonly cordoned: boolean; readonly terminating: boolean; readonly rollouts: boolean };
  readonly rules: readonly AlertRule[];
}

/** The first rule that matches a finding decides. */
export interface FindingAlertRule {
  readonly kind: 'finding';
  readonly finding: Wildcards;
  readonly namespace?: Wildcards | undefined;
  readonly for?: number | undefined;
  readonly end?: number | undefined;
  readonly severity?: FindingSeverity | undefined;
  /** Never reported. */
  readonly never?: boolean | undefined;
  /** A finding defined by this rule. */
  readonly declared?: DeclaredFinding | undefined;
}

export interface ChangeAlertRule extends ParsedChange {
  readonly kind: 'change';
  readonly name: string;
  /** The phrase. */
  readonly said: string;
  readonly severity: FindingSeverity;
  readonly sentence?: string | undefined;
  readonly remedy?: string | undefined;
  readonly link?: string | undefined;
  readonly for?: number | undefined;
  readonly lasts?: number | undefined;
}

export type AlertRule = FindingAlertRule | ChangeAlertRule;

/** Which alerts a receiver gets. */
export interface Match {
  readonly severity?: readonly FindingSeverity[] | undefined;
  readonly class?: readonly AlertClass[] | undefined;
  readonly namespace?: Wildcards | undefined;
  readonly alert?: Wildcards | undefined;
  readonly type?: Wildcards | undefined;
}

export interface AlertmanagerSettings {
  readonly kind: 'alertmanager';
  readonly urls: readonly string[];
  /** The URL's host name has several addresses: each is notified. */
  readonly resolve: boolean;
  readonly resend: number;
  /** Allows link-local addresses, which include cloud metadata services. */
  readonly allowLinkLocal: boolean;
  readonly labels: { readonly [name: string]: string };
  readonly credentials: CredentialPaths;
}

export interface WebhookSettings {
  readonly kind: 'webhook';
  readonly url: string | undefined;
  readonly urlFile: string | undefined;
  readonly secretFile: string | undefined;
  readonly credentials: CredentialPaths;
  readonly headers: { readonly [name: string]: string };
  readonly template: string | undefined;
  readonly contentType: string;
  readonly timeout: number;
  readonly allowLoopback: boolean;
  readonly allowLinkLocal: boolean;
  /** Maximum waiting messages. */
  readonly queue: number;
  /** Also reports ends. */
  readonly ends: boolean;
}

export interface LogSettings {
  readonly kind: 'log';
}

export type ReceiverSettings = { readonly name: string; readonly match: Match } & (
  | AlertmanagerSettings
  | WebhookSettings
  | LogSettings
);

const minute = 60_000;

export const usualSettings: AlertSettings = {
  url: undefined,
  receivers: [],
  grouping: {
    by: ['alert', 'namespace'],
    wait: 30_000,
    interval: 5 * minute,
    repeat: 12 * 60 * minute,
    repeatCritical: 4 * 60 * minute,
    perRoot: 5 * minute,
  },
  damping: { flap: { begins: 5, within: 30 * minute, quiet: 30 * minute }, hold: 5 * minute },
  for: { critical: minute, high: 5 * minute, medium: 15 * minute },
  end: 2 * minute,
  lasts: 60 * minute,
  maintenance: { cordoned: true, terminating: true, rollouts: true },
  rules: [],
};

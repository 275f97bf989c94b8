// The contract of a panel section; one file each for health, findings, metrics, history and so on.
import type { nothing, TemplateResult } from 'lit-html';
import type { Resource } from '../../src/model.ts';
import type { ActionDesk } from '../live/action-desk.ts';
import type { ClusterModel } from '../model.ts';
import type { Card } from '../rollup/card.ts';
import type { ViewState } from '../state/view-state.ts';
import type { View } from '../views/view.ts';

export interface Rule {
  readonly name: string;
  readonly sentence: string;
}

export interface PanelContext {
  readonly card: Card;
  /** The selected member; undefined for a group of many. */
  readonly resource: Resource | undefined;
  readonly model: ClusterModel;
  readonly state: ViewState;
  readonly view: View;
  readonly rules: ReadonlyMap<string, Rule>;
  /** URL from which the page was loaded. */
  readonly base: string;
  /** Milliseconds since the epoch. */
  readonly now: number;
  readonly token: boolean;
  /** Undefined where no actions are taken. */
  readonly desk: ActionDesk | undefined;
  /** Whether the master serves the path. */
  readonly serves: (path: string) => boolean;
  /** Data fetched for a section, by its name and resource; undefined until loaded. */
  readonly fetched: (name: string, path: string) => Fetched | undefined;
  readonly go: (change: Partial<ViewState>) => void;
  readonly copy: (text: string, what: string) => void;
  readonly download: (path: string, accept: string, name: string) => void;
}

export interface Fetched {
  readonly text?: string;
  /** The master's answer, if not converted to text. */
  readonly body?: unknown;
  readonly error?: string;
}

export interface Section {
  readonly name: string;
  readonly title: string;
  /** Fetched and shown only when opened, which this key does. */
  readonly folded?: string;
  readonly render: (context: PanelContext) => TemplateResult | typeof nothing;
}

// The contract of a section of the panel. Health, findings, metrics, history: one file each.
import type { nothing, TemplateResult } from 'lit-html';
import type { Resource } from '../../src/model.ts';
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
  /** The member that is looked at; undefined where it is a group of many. */
  readonly resource: Resource | undefined;
  readonly model: ClusterModel;
  readonly state: ViewState;
  readonly view: View;
  readonly rules: ReadonlyMap<string, Rule>;
  /** Where the page was loaded from. */
  readonly base: string;
  readonly token: boolean;
  /** Paths that the master serves. */
  readonly serves: (path: string) => boolean;
  /** What was fetched for a section, by its name and the resource; undefined while it is not there. */
  readonly fetched: (name: string, path: string) => Fetched | undefined;
  readonly go: (change: Partial<ViewState>) => void;
  readonly copy: (text: string, what: string) => void;
  readonly download: (path: string, accept: string, name: string) => void;
}

export interface Fetched {
  readonly text?: string;
  /** What the master answered, where it is not made a text of. */
  readonly body?: unknown;
  readonly error?: string;
}

export interface Section {
  readonly name: string;
  readonly title: string;
  /** Fetched, and shown, only when it is opened. */
  readonly folded?: true;
  readonly render: (context: PanelContext) => TemplateResult | typeof nothing;
}

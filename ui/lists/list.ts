// The contract of a list: a view that is read in rows and not drawn as cards.
import type { TemplateResult } from 'lit-html';
import type { ActionDesk } from '../live/action-desk.ts';
import type { ClusterModel } from '../model.ts';
import type { ViewName, ViewState } from '../state/view-state.ts';

export interface ListContext {
  readonly model: ClusterModel;
  readonly state: ViewState;
  /** Milliseconds since the epoch. */
  readonly now: number;
  /** Undefined where no actions are taken. */
  readonly desk: ActionDesk | undefined;
  readonly go: (change: Partial<ViewState>) => void;
}

export interface List {
  /** The view that is shown so. */
  readonly name: ViewName;
  readonly render: (context: ListContext) => TemplateResult;
}

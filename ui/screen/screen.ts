// What the parts of the page know of it.
import type { ActionDesk } from '../live/action-desk.ts';
import type { Api } from '../live/api.ts';
import type { Session } from '../live/session.ts';
import type { Usage } from '../live/usage.ts';
import type { ViewState } from '../state/view-state.ts';
import type { Known } from './known.ts';
import type { Picture } from './picture.ts';
import type { BrowserStore } from './store.ts';

export interface PageOptions {
  readonly window: Window & typeof globalThis;
  readonly api: Api;
  readonly session: (onUpdate: () => void) => Session;
  readonly usage: (onUpdate: () => void) => Usage;
  readonly store: BrowserStore;
  readonly base: string;
}

export interface Screen {
  readonly options: PageOptions;
  readonly state: ViewState;
  readonly session: Session;
  readonly known: Known;
  readonly usage: Usage;
  /** Undefined where no actions are taken. */
  readonly desk: ActionDesk | undefined;
  /** Undefined until the view is loaded. */
  readonly picture: Picture | undefined;
  /** Changes the state. The same subject replaces the history entry. */
  go(change: Partial<ViewState>): void;
  /** At the next frame. */
  draw(): void;
  /** The next input goes to what opens now. */
  drawNow(): void;
  /** The focused card gets the browser's focus at the next frame. */
  moveFocus(): void;
  /** Announces it to screen readers and shows it for a moment. */
  say(words: string): void;
  copy(text: string, what: string): void;
  /** Loads everything again, for example after signing in. */
  restart(): void;
}

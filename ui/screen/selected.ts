// The card in focus, and the resource that keys and the panel speak of.
import type { Resource } from '../../src/model.ts';
import type { ClusterModel } from '../model.ts';
import type { Card } from '../rollup/card.ts';
import type { ViewState } from '../state/view-state.ts';
import type { Picture } from './picture.ts';

interface Selecting {
  readonly picture: Picture | undefined;
  readonly state: ViewState;
}

export function focusedCard({ picture, state }: Selecting): Card | undefined {
  return picture?.scene.cards.find(({ key }) => key === state.focus);
}

/** The member that was chosen, else the first of the card, else that of the view. */
export function selectedResource(selecting: Selecting, model: ClusterModel): Resource | undefined {
  const { state } = selecting;
  const card = focusedCard(selecting);
  const member = card?.members.includes(state.member) ? state.member : undefined;
  return model.resource(member ?? card?.members[0] ?? state.id);
}

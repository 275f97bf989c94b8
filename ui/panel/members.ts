// The resources behind a card, worst first.
import { html, nothing } from 'lit-html';
import { noteOf } from '../rollup/cards.ts';
import { stateTemplate } from '../screen/map.ts';
import { kindOf, nameOf, severity, stateOf } from '../words.ts';
import type { Section } from './section.ts';

const most = 100;

export const members = {
  name: 'members',
  title: 'On this card',
  render({ card, model, resource, go }) {
    if (card.members.length < 2) return nothing;
    const found = card.members.flatMap((id) => model.resource(id) ?? []);
    found.sort((a, b) => severity(stateOf(a)) - severity(stateOf(b)) || (a.id < b.id ? -1 : 1));
    return html`<ul class="rows">
      ${found.slice(0, most).map(
        (each) => html`<li><button type="button" class="link" aria-current=${each === resource ? 'true' : nothing}
          @click=${() => go({ member: each.id })}>${nameOf(each.id)}</button> ${kindOf(each.type)} ${stateTemplate(stateOf(each))} <span class="note">${noteOf(each)}</span></li>`,
      )}
      ${found.length > most ? html`<li>and ${found.length - most} more: the table (t) has all</li>` : nothing}
    </ul>`;
  },
} as const satisfies Section;

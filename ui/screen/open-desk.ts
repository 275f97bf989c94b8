// Loaded where a gateway takes actions: the desk of its cluster, with a way of its own to ask, since actions take a token of the cluster.
import { ActionDesk } from '../live/action-desk.ts';
import { Api } from '../live/api.ts';
import type { Screen } from './screen.ts';

export function openDesk(screen: Screen, cluster: string): ActionDesk {
  const { window, base, store } = screen.options;
  /**
   * Kept by this page alone. The one that the page was let in with is not taken unasked: what is sent here is handed to the actor of the
   * cluster, which a token of the gateway is no business of. Empty where a proxy on the way sends it.
   */
  let token: string | undefined;
  const api = new Api({
    fetch: (input, init) => window.fetch(input, init),
    base,
    cluster,
    token: () => token || undefined,
    onUnauthorized: () => undefined,
  });
  return new ActionDesk({
    cluster,
    api,
    hasToken: () => token !== undefined,
    pageToken: () => store.token,
    onToken: (given) => {
      token = given;
    },
    delay: (milliseconds) => new Promise((resolve) => void window.setTimeout(resolve, milliseconds)),
    isHidden: () => window.document.hidden,
    onUpdate: () => screen.draw(),
  });
}

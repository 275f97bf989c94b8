// Wires the page: browser objects on one side, testable code on the other.
import { Api } from './live/api.ts';
import { Session } from './live/session.ts';
import { takeSlot } from './live/slots.ts';
import { Usage } from './live/usage.ts';
import { Page } from './screen/page.ts';
import { createStore } from './screen/store.ts';

/** A tab hidden for this long gives up its stream. */
const unseen = 10_000;

const base = new URL('.', document.baseURI).href;
const store = createStore(
  () => localStorage,
  () => sessionStorage,
);
const api = new Api({
  fetch: (input, init) => fetch(input, init),
  base,
  cluster: new URLSearchParams(location.search).get('cluster') ?? undefined,
  token: () => store.token,
  onUnauthorized: () => page.unauthorized(),
});

const page = new Page({
  window,
  api,
  store,
  base,
  session: (onUpdate) =>
    new Session({
      api,
      slot: () => takeSlot(navigator.locks),
      clock: Date.now,
      delay: wait,
      onUpdate,
    }),
  usage: (onUpdate) => new Usage({ api, delay: wait, isHidden: () => document.hidden, onUpdate }),
});

page.start();

let timer = 0;
document.addEventListener('visibilitychange', () => {
  clearTimeout(timer);
  if (document.hidden) timer = setTimeout(() => page.session.hide(), unseen) as unknown as number;
  else page.session.unhide();
});

/** Also ends by the signal. */
function wait(milliseconds: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    if (signal.aborted) return resolve();
    const end = () => {
      clearTimeout(waiting);
      signal.removeEventListener('abort', end);
      resolve();
    };
    const waiting = setTimeout(end, milliseconds);
    signal.addEventListener('abort', end);
  });
}

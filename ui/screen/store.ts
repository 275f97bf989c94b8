// Data kept in the browser: appearance, keys, saved views; the token only for the tab. Storage may be forbidden.
import type { SavedView } from './dialogs.ts';

export interface BrowserStore {
  token: string | undefined;
  theme: string;
  singleKeys: boolean;
  saved: readonly SavedView[];
}

const prefix = 'cluster-insight.';

export function createStore(lasting: () => Storage, ofTab: () => Storage): BrowserStore {
  const get = (storage: () => Storage, name: string) => {
    try {
      return storage().getItem(prefix + name) ?? undefined;
    } catch {
      return undefined;
    }
  };
  const set = (storage: () => Storage, name: string, value: string | undefined) => {
    try {
      if (value === undefined) storage().removeItem(prefix + name);
      else storage().setItem(prefix + name, value);
    } catch {
      // It is then lost with the page.
    }
  };
  let token = get(ofTab, 'token');
  return {
    get token() {
      return token;
    },
    set token(value) {
      token = value;
      set(ofTab, 'token', value);
    },
    get theme() {
      return get(lasting, 'theme') ?? 'system';
    },
    set theme(value) {
      set(lasting, 'theme', value);
    },
    get singleKeys() {
      return get(lasting, 'keys') !== 'off';
    },
    set singleKeys(on) {
      set(lasting, 'keys', on ? undefined : 'off');
    },
    get saved() {
      return parseSaved(get(lasting, 'saved'));
    },
    set saved(views) {
      set(lasting, 'saved', JSON.stringify(views));
    },
  };
}

function parseSaved(text: string | undefined): SavedView[] {
  try {
    const found = JSON.parse(text ?? '[]') as unknown;
    if (!Array.isArray(found)) return [];
    return found.filter(
      (each): each is SavedView => typeof each?.name === 'string' && String(each?.hash).startsWith('#/'),
    );
  } catch {
    return [];
  }
}

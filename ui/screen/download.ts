// Saves an answer as a file. With fetch, because a link cannot send a token.
import type { Api } from '../live/api.ts';

export interface Wanted {
  readonly path: string;
  readonly accept: string;
  readonly name: string;
}

/** @throws ApiError. */
export async function download(
  api: Pick<Api, 'send'>,
  window: Window & typeof globalThis,
  { path, accept, name }: Wanted,
): Promise<void> {
  const response = await api.send(path, { accept });
  save(window, await response.blob(), name);
}

export function save({ document, URL }: Window & typeof globalThis, contents: Blob, name: string): void {
  const url = URL.createObjectURL(contents);
  const link = document.createElement('a');
  link.href = url;
  link.download = name;
  link.click();
  URL.revokeObjectURL(url);
}

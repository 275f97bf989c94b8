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
  { document, URL }: Window & typeof globalThis,
  { path, accept, name }: Wanted,
): Promise<void> {
  const response = await api.send(path, { accept });
  const url = URL.createObjectURL(await response.blob());
  const link = document.createElement('a');
  link.href = url;
  link.download = name;
  link.click();
  URL.revokeObjectURL(url);
}

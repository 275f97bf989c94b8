// Loads a part of the page when it is first needed, and tries again while the master is away.

const firstWait = 1_000;
const longestWait = 15_000;
const loading = new Map<string, Promise<unknown>>();

/** `name` is the part's own: however often it is asked for, it is loaded once. */
export function late<T>(name: string, load: () => Promise<T>): Promise<T> {
  const known = loading.get(name) as Promise<T> | undefined;
  if (known) return known;
  const coming = untilLoaded(load);
  loading.set(name, coming);
  return coming;
}

async function untilLoaded<T>(load: () => Promise<T>): Promise<T> {
  for (let wait = firstWait; ; wait = Math.min(2 * wait, longestWait)) {
    try {
      return await load();
    } catch {
      await new Promise((resolve) => setTimeout(resolve, wait));
    }
  }
}

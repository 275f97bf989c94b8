// Which paths there are and which methods each takes: a wrong method is told from a wrong path, and a path from what it is
// nearly. The framework's router does not say.
import type { RouteOptions } from 'fastify';

interface Hooked {
  addHook(name: 'onRoute', hook: (route: RouteOptions) => void): unknown;
}

export interface ServedPaths {
  /** Sorted; none when nothing is there. */
  methodsOf(path: string): string[];
  /** As they were added, with their parameters. */
  readonly paths: readonly string[];
}

/** Follows the routes as they are added. */
export function collectRoutes(app: Hooked): ServedPaths {
  const routes: { readonly url: string; readonly form: RegExp; readonly methods: readonly string[] }[] = [];
  app.addHook('onRoute', ({ url, method }) => {
    // What answers preflights everywhere makes no path of anything.
    if (url === '*') return;
    routes.push({ url, form: formOf(url), methods: [method].flat() });
  });
  return {
    methodsOf(path) {
      const here = routes.filter(({ form }) => form.test(path));
      return [...new Set(here.flatMap(({ methods }) => methods))].toSorted();
    },
    get paths() {
      return [...new Set(routes.map(({ url }) => url))];
    },
  };
}

/** `/a/:b` and `/a/*` as regular expressions over the path as it was sent. */
function formOf(url: string): RegExp {
  const parts = url.split(/(:\w+(?:\([^)]*\))?|\*)/);
  const form = parts.map((part) => (part === '*' ? '.*' : part.startsWith(':') ? '[^/]+' : RegExp.escape(part)));
  return new RegExp(`^${form.join('')}$`);
}

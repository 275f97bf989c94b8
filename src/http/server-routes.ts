// The methods of each path, to distinguish a wrong method from a wrong path, and the path that was probably meant. The framework's
// router does not tell.
import type { RouteOptions } from 'fastify';

interface Hooked {
  addHook(name: 'onRoute', hook: (route: RouteOptions) => void): unknown;
}

export interface ServedPaths {
  /** Sorted; none when nothing is there. */
  methodsOf(path: string): string[];
  /** In order of registration, with their parameters. */
  readonly paths: readonly string[];
}

/** Follows the routes as they are added. */
export function collectRoutes(app: Hooked): ServedPaths {
  const routes: { readonly url: string; readonly form: RegExp; readonly methods: readonly string[] }[] = [];
  app.addHook('onRoute', ({ url, method }) => {
    // The catch-all for preflights defines no path.
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

/** `/a/:b` and `/a/*` as regular expressions for the raw path. */
function formOf(url: string): RegExp {
  const parts = url.split(/(:\w+(?:\([^)]*\))?|\*)/);
  const form = parts.map((part) => (part === '*' ? '.*' : part.startsWith(':') ? '[^/]+' : RegExp.escape(part)));
  return new RegExp(`^${form.join('')}$`);
}

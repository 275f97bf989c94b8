// The methods of each path, to distinguish a wrong method from a wrong path. The framework's router does not tell.
import type { RouteOptions } from 'fastify';

interface Hooked {
  addHook(name: 'onRoute', hook: (route: RouteOptions) => void): unknown;
}

/** Collects routes as they are added. The returned function gives the sorted methods of a path; none for an unknown path. */
export function collectRoutes(app: Hooked): (path: string) => string[] {
  const routes: { readonly form: RegExp; readonly methods: readonly string[] }[] = [];
  app.addHook('onRoute', ({ url, method }) => {
    // The catch-all for preflights defines no path.
    if (url === '*') return;
    routes.push({ form: formOf(url), methods: [method].flat() });
  });
  return (path) => {
    const here = routes.filter(({ form }) => form.test(path));
    return [...new Set(here.flatMap(({ methods }) => methods))].toSorted();
  };
}

/** `/a/:b` and `/a/*` as regular expressions for the raw path. */
function formOf(url: string): RegExp {
  const parts = url.split(/(:\w+(?:\([^)]*\))?|\*)/);
  const form = parts.map((part) => (part === '*' ? '.*' : part.startsWith(':') ? '[^/]+' : RegExp.escape(part)));
  return new RegExp(`^${form.join('')}$`);
}

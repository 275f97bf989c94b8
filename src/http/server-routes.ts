// Which methods a path takes, so that a wrong method can be told from a wrong path. The framework's router does not say.
import type { RouteOptions } from 'fastify';

interface Hooked {
  addHook(name: 'onRoute', hook: (route: RouteOptions) => void): unknown;
}

/** Follows the routes as they are added. The answer names the methods of a path, sorted; none when nothing is there. */
export function collectRoutes(app: Hooked): (path: string) => string[] {
  const routes: { readonly form: RegExp; readonly methods: readonly string[] }[] = [];
  app.addHook('onRoute', ({ url, method }) => {
    // What answers preflights everywhere makes no path of anything.
    if (url === '*') return;
    routes.push({ form: formOf(url), methods: [method].flat() });
  });
  return (path) => {
    const here = routes.filter(({ form }) => form.test(path));
    return [...new Set(here.flatMap(({ methods }) => methods))].toSorted();
  };
}

/** `/a/:b` and `/a/*` as regular expressions over the path as it was sent. */
function formOf(url: string): RegExp {
  const parts = url.split(/(:\w+(?:\([^)]*\))?|\*)/);
  const form = parts.map((part) => (part === '*' ? '.*' : part.startsWith(':') ? '[^/]+' : RegExp.escape(part)));
  return new RegExp(`^${form.join('')}$`);
}

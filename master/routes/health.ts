// GET /livez, /readyz, /healthz.
import { healthRoutes } from '../../src/http/health.ts';
import type { Route } from './route.ts';

export const health = {
  name: 'health',
  register(app, { live, ready }) {
    healthRoutes(app, { live, ready });
  },
} as const satisfies Route;

// All rules over relations, in order of application.
export { calledServices } from './called-services.ts';
export { missingReferences } from './missing-references.ts';
export { oomKills } from './oom-kills.ts';
export { routeBackends } from './route-backends.ts';
export { serviceEndpoints } from './service-endpoints.ts';

// The list of rules about relations, in the order in which they speak.
export { calledServices } from './called-services.ts';
export { missingReferences } from './missing-references.ts';
export { routeBackends } from './route-backends.ts';
export { serviceEndpoints } from './service-endpoints.ts';

// All sections of the panel, one file per line; index.ts orders them.
export { findings } from './findings.ts';
export { health } from './health.ts';
export { history } from './history.ts';
export { links } from './links.ts';
export { members } from './members.ts';
export { metrics } from './metrics.ts';
export { object } from './object.ts';
export { relations } from './relations.ts';
export { sizing } from './sizing.ts';

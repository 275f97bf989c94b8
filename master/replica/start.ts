// placeholder
export { start } from '../start.ts';

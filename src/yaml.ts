// The package that reads YAML, loaded when the first text is read: it is 70 modules, and most processes read none.
import { createRequire } from 'node:module';
import type * as Yaml from 'yaml';

const require = createRequire(import.meta.url);

export const yaml = (): typeof Yaml => require('yaml') as typeof Yaml;

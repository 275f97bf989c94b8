// Loaded when an object is shown: the YAML writer is larger than the rest of the page.
import { stringify as toYaml } from 'yaml';

export function stringify(value: unknown): string {
  return toYaml(value, { lineWidth: 0, aliasDuplicateObjects: false });
}

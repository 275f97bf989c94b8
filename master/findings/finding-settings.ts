// What the settings say of findings.
import type { AcceptanceRule } from './acceptance.ts';

export interface FindingSettings {
  readonly accept: readonly AcceptanceRule[];
  /** Whether an annotation may accept findings of this name. */
  readonly acceptsByAnnotation: (name: string) => boolean;
  /** Allowed image registries; empty for any. */
  readonly registries: readonly string[];
}

export const noSettings: FindingSettings = { accept: [], acceptsByAnnotation: () => true, registries: [] };

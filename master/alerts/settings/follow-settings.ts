// Follows the alerts file: checks it periodically and applies changes at run time. If the file is unreadable the previous
// settings stay.
import { statSync } from 'node:fs';
import type { Logger } from '../../../src/logger.ts';
import { readSmallFileSync } from '../../../src/small-file.ts';
import type { LineFault } from '../../yaml/yaml-lines.ts';
import { type AlertSettings, usualSettings } from './alert-settings.ts';
import { readAlertSettings } from './read-settings.ts';

export interface FollowedSettingsParts {
  readonly file: string;
  readonly logger: Pick<Logger, 'info' | 'warn'>;
  readonly read?: (file: string) => string;
}

const longest = 4 << 20;

export class FollowedSettings {
  readonly #parts: FollowedSettingsParts;
  #seen: string | undefined;
  #settings: AlertSettings = usualSettings;
  #faults: readonly LineFault[] = [];

  constructor(parts: FollowedSettingsParts) {
    this.#parts = parts;
  }

  get settings(): AlertSettings {
    return this.#settings;
  }

  get faults(): readonly LineFault[] {
    return this.#faults;
  }

  /** True if the settings changed. */
  look(): boolean {
    const { file, logger, read = textOf } = this.#parts;
    const { text, error } = attempt(() => read(file));
    const seen = `${error ?? ''}\n${text}`;
    if (seen === this.#seen) return false;
    this.#seen = seen;
    const found = error === undefined ? readAlertSettings(file, text) : unread(file, error);
    this.#faults = found.faults;
    for (const { line, message } of found.faults) logger.warn(`alerts: left out: ${file}:${line}: ${message}`);
    if (!found.settings) return false;
    this.#settings = found.settings;
    const { receivers, rules } = found.settings;
    logger.info(`alerts: ${receivers.length} receivers and ${rules.length} rules were read from ${file}`);
    return true;
  }
}

function attempt(read: () => string): { readonly text: string; readonly error?: string } {
  try {
    return { text: read() };
  } catch (error) {
    return { text: '', error: (error as Error).message };
  }
}

function unread(file: string, message: string) {
  return { settings: undefined, faults: [{ file, line: 1, message }] };
}

function textOf(file: string): string {
  const { size } = statSync(file);
  if (size > longest) throw new Error(`it has ${size} bytes, more than ${longest}`);
  return readSmallFileSync(file, longest).toString('utf8');
}

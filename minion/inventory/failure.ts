// A failed runtime call as code and text.
import { Fault } from '../../src/errors.ts';

export function codeOf(error: unknown): string | undefined {
  return error instanceof Fault ? error.code : undefined;
}

export function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}

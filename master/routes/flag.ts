// Parameters that are on or off.
import { Type } from '../../src/schema.ts';

const flags = ['true', 'false', '1', '0'] as const;
export const flag = (description: string) => Type.Optional(Type.Enum([...flags], { description, examples: ['true'] }));
export type Flag = (typeof flags)[number];

export function isSet(flag: Flag | undefined): boolean {
  return flag === 'true' || flag === '1';
}

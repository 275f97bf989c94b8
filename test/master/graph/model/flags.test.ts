import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { dependenceOf, flagsOf, saidByFlags } from '../../../../master/graph/model/flags.ts';

const maybe = <T>(...values: readonly T[]) => fc.constantFrom(...values, undefined);
const marks = fc.record(
  {
    optional: maybe(true),
    template: maybe(true),
    ready: maybe(true, false),
    defaulted: maybe(true),
    guess: maybe(true),
    agreement: maybe('half' as const, 'wish' as const),
    blocksOwnerDeletion: maybe(true),
    dependence: maybe('source' as const, 'target' as const, 'none' as const),
    absence: maybe('expected' as const, 'pending' as const),
  },
  { requiredKeys: [] },
);

describe('the marks of a reference as bits', () => {
  it('are read back as they were said', () => {
    fc.assert(
      fc.property(marks, (said) => {
        const given = Object.fromEntries(Object.entries(said).filter(([, value]) => value !== undefined));
        expect(saidByFlags(flagsOf({ field: 'f', ...said }))).toEqual(given);
      }),
      { numRuns: 500 },
    );
  });

  it('are none for marks that are said to be false', () => {
    const off = { optional: false, template: false, defaulted: false, guess: false, blocksOwnerDeletion: false };
    expect(flagsOf({ field: 'f', ...off })).toBe(0);
  });

  it('say which end depends on the other before the rule does, and an optional reference neither', () => {
    const rule = { dependence: 'source' } as const;
    const of = (said: object) => dependenceOf({ rule, flags: flagsOf({ field: 'f', ...said }) });
    expect(of({})).toBe('source');
    expect(of({ optional: true })).toBe('none');
    expect(of({ dependence: 'target' })).toBe('target');
    expect(of({ dependence: 'none' })).toBe('none');
    expect(of({ optional: true, dependence: 'target' })).toBe('target');
  });
});

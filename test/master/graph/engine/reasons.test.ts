// Equal reasons of claims are one object; different ones never are.
import { describe, expect, it } from 'vitest';
import { createReasons } from '../../../../master/graph/engine/reasons.ts';
import type { Reference, Rule } from '../../../../master/relations/relation.ts';

const rule = (name: string): Rule => ({
  name,
  relation: 'uses',
  reads: ['*'],
  source: ['*'],
  target: ['*'],
  fields: [],
  dependence: 'source',
  sentence: '',
  infer() {},
});
const [uses, mounts] = [rule('uses'), rule('mounts')];
const said = (of: Rule, field: string, more: Partial<Reference> = {}) => ({
  rule: of,
  reference: { target: { by: 'name', type: 'Secret', namespace: 'a', name: 's' }, field, ...more } as Reference,
});

describe('reasons', () => {
  it('are shared by references of one rule, field and flags', () => {
    const reasonOf = createReasons();
    const first = reasonOf(said(uses, 'spec.a'));
    expect(first).toMatchObject({ rule: uses, field: 'spec.a', notes: undefined });
    expect(reasonOf(said(uses, 'spec.a'))).toBe(first);
    const others = [said(uses, 'spec.b'), said(mounts, 'spec.a'), said(uses, 'spec.a', { optional: true })];
    const found = others.map(reasonOf);
    expect(new Set([first, ...found]).size).toBe(4);
    expect(others.map(reasonOf)).toEqual(found);
    expect(found.map(({ rule: { name }, field }) => `${name} ${field}`)).toEqual([
      'uses spec.b',
      'mounts spec.a',
      'uses spec.a',
    ]);
    expect(found[2]?.flags).not.toBe(first.flags);
  });

  it('with notes are their own', () => {
    const reasonOf = createReasons();
    const noted = reasonOf(said(uses, 'spec.a', { notes: { port: 80 } }));
    expect(noted.notes).toEqual({ port: 80 });
    expect(reasonOf(said(uses, 'spec.a')).notes).toBeUndefined();
    expect(reasonOf(said(uses, 'spec.a', { notes: { port: 81 } })).notes).toEqual({ port: 81 });
  });

  it('are still right, but no longer kept, when objects have ever different fields', () => {
    const reasonOf = createReasons();
    const most = 100_000;
    const first = reasonOf(said(uses, 'spec[0]'));
    for (let i = 1; i < most - 1; i++) reasonOf(said(uses, `spec[${i}]`));
    const last = reasonOf(said(uses, 'spec.last'));
    const tooMany = reasonOf(said(uses, 'spec.more'));
    expect(reasonOf(said(uses, 'spec[0]'))).toBe(first);
    expect(reasonOf(said(uses, 'spec.last'))).toBe(last);
    expect(reasonOf(said(uses, 'spec.more'))).toEqual(tooMany);
    expect(reasonOf(said(uses, 'spec.more'))).not.toBe(tooMany);
  });
});

import fc from 'fast-check';
import { expect, it } from 'vitest';
import { isWithin } from '../../../master/ingest/rules-of-type.ts';
import { SaidFields } from '../../../master/ingest/said-fields.ts';

const step = fc.constantFrom('a', 'ab', 'b', 'a[0]', 'a[1]', 'a[10]', 'b[0][1]', 'x["y.z"]');
const field = fc.array(step, { minLength: 1, maxLength: 4 }).map((steps) => steps.join('.'));

it('has a field that was said, or one within or around it, and no other', () => {
  fc.assert(
    fc.property(fc.array(field, { maxLength: 6 }), field, (said, asked) => {
      const plain = said.some((each) => isWithin(each, asked) || isWithin(asked, each));
      expect(new SaidFields(said).has(asked)).toBe(plain);
    }),
    { numRuns: 3000 },
  );
});

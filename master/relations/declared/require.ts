// Conditions of a declared relation.
import type { KubernetesObject } from '../../../src/model.ts';
import type { Declaration, Requirement } from './declaration.ts';
import { type Found, readerOf } from './path.ts';

type Test = (object: KubernetesObject, found: Found) => boolean;

/** Whether all conditions are met. */
export function requirementOf(when: Declaration['when']): Test {
  const tests = [when ?? []].flat().map(testOf);
  return (object, found) => tests.every((test) => test(object, found));
}

function testOf({ field, exists, equals, in: among }: Requirement): Test {
  const read = readerOf(field);
  const wanted: readonly unknown[] = among ?? [equals];
  return (object, found) => {
    let any = false;
    read(object, found, (value) => {
      if (value === undefined || value === null) return;
      any ||= exists !== undefined || wanted.includes(value);
    });
    return exists === undefined ? any : any === exists;
  };
}

// The rules that are data: the built-in pack, and the structural defaults beside it.
import type { Rule } from '../relation.ts';
import { rulesOf } from './compile-all.ts';
import * as pack from './pack/all.ts';
import { structuralAccount, structuralName, structuralNode, structuralReference } from './structural.ts';

export const declaredRules: readonly Rule[] = [
  ...rulesOf(Object.values(pack).flat()),
  structuralAccount,
  structuralName,
  structuralNode,
  structuralReference,
];

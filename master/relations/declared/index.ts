// The rules that are data: the built-in pack, and the structural defaults beside it.
import type { Rule } from '../relation.ts';
import { rulesOf } from './compile-all.ts';
import type { Declaration } from './declaration.ts';
import * as pack from './pack/all.ts';
import {
  structuralAccount,
  structuralClaim,
  structuralName,
  structuralNode,
  structuralReference,
} from './structural.ts';

/** Most Secrets are named by a record: what a text at their fields would be nobody knows, unless the declaration says so. */
const builtInPack = Object.values(pack)
  .flat()
  .map((declaration): Declaration => ({ texts: false, ...declaration }));

export const declaredRules: readonly Rule[] = [
  ...rulesOf(builtInPack),
  structuralAccount,
  structuralClaim,
  structuralName,
  structuralNode,
  structuralReference,
];

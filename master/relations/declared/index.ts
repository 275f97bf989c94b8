// Declared rules: the built-in pack and the structural defaults.
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

/** Most Secrets are named by a record: the meaning of a plain text is unknown unless declared. */
const builtInPack = Object.values(pack)
  .flat()
  .map((declaration): Declaration => ({ texts: false, ...declaration }));

/** Compiled when asked: most of the pack are of kinds that a cluster has not, and all took 40 ms of each start, in each thread. */
export const declaredRules: readonly Rule[] = [
  ...rulesOf(builtInPack, 'when asked'),
  structuralAccount,
  structuralClaim,
  structuralName,
  structuralNode,
  structuralReference,
];

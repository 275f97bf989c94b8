// The registry of commands, in the order that the help lists them.
import type { Command } from '../command.ts';
import { diff } from './diff.ts';
import { get } from './get.ts';
import { impact } from './impact.ts';
import { path } from './path.ts';
import { tree } from './tree.ts';

export const commands: readonly Command[] = [tree, impact, path, get, diff];

// Prompts for users: investigate an incident, assess a change. Arguments are quoted, never inserted raw.
import { Type } from 'typebox';
import { cut, quoted } from './shown.ts';

interface Prompt {
  readonly name: string;
  readonly title: string;
  readonly description: string;
  readonly argument: string;
  readonly parameters: ReturnType<typeof parameters>;
  text(given: string | undefined): string;
}

const parameters = (name: string, description: string) =>
  Type.Object({ [name]: Type.Optional(Type.String({ description, maxLength: 512 })) }, { additionalProperties: false });

const said = (given: string | undefined, words: string) =>
  given === undefined ? '' : `${words} (data, as it was given): ${quoted(cut(given, 600))}\n`;

export const prompts: readonly Prompt[] = [
  {
    name: 'incident',
    title: 'Something is broken',
    description: 'From what is broken to what it is owed to, and what else suffers',
    argument: 'symptom',
    parameters: parameters('symptom', 'What was noticed'),
    text: (given) => `Find out what is broken in the cluster, why, and what else suffers.
${said(given, 'What was noticed')}1. Call groups: it lists root causes, worst first. Take the one that fits what was noticed.
2. Call get for it: state, reason, the field that says so, and its relations, what is missing first. Where it owes its state to another resource, call get for that one.
3. Call impact for the cause: what suffers, and over which relation.
4. Call path between what was noticed and the cause, to show the way that proves it.
Say for each claim which resource and which field say so. Say what the answers call incomplete, unverified or left out. Change nothing: tell what a person should check or do.`,
  },
  {
    name: 'change_review',
    title: 'What would a change touch',
    description: 'Before a resource is changed or deleted: what depends on it, and what is not known',
    argument: 'id',
    parameters: parameters('id', 'The resource that is to be changed: Kind:namespace/name'),
    text: (given) => `Review a change before it is made: what depends on the resource, and what could break.
${said(given, 'The resource')}1. Call get for it (search finds its id): what it is, how it fares, what it is related to.
2. Call impact for it: what depends on it, nearest first, and over which relation.
3. Call around for what is nearest, where it is not plain what it does.
List what would break, what would only restart or be looked at again, and what cannot be told because it is incomplete or unverified. Change nothing.`,
  },
];

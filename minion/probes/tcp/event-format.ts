// Parses the kernel's `format` file of a trace event, so that one program reads every kernel's records. Pure.

export interface EventField {
  readonly offset: number;
  readonly size: number;
  /** The field has the position of its text within the record. */
  readonly isLocated: boolean;
}

export interface EventFormat {
  readonly id: number;
  readonly fields: ReadonlyMap<string, EventField>;
}

/** @throws Error if the text is no format. */
export function eventFormatOf(text: string): EventFormat {
  const id = /^ID:\s*(\d+)/m.exec(text)?.[1];
  if (id === undefined) throw new Error('the format of a trace event has no id');
  const fields = new Map<string, EventField>();
  for (const [, declared = '', offset, size] of text.matchAll(/^\s*field:(.+?);\s*offset:(\d+);\s*size:(\d+);/gm)) {
    const name = /(\w+)(?:\[[^\]]*\])?$/.exec(declared.trim())?.[1];
    if (name === undefined) continue;
    fields.set(name, { offset: Number(offset), size: Number(size), isLocated: declared.startsWith('__data_loc') });
  }
  return { id: Number(id), fields };
}

/** @throws Error with the name if the event has no such field. */
export function fieldOf({ fields }: EventFormat, name: string): EventField {
  const field = fields.get(name);
  if (!field) throw new Error(`the kernel's trace event has no field ${name}`);
  return field;
}

// The layout of a trace event, out of the `format` file that the kernel writes for it: the same program reads every kernel. Pure.

export interface EventField {
  readonly offset: number;
  readonly size: number;
  /** Its text lies elsewhere in the record: the field says where. */
  readonly isLocated: boolean;
}

export interface EventFormat {
  readonly id: number;
  readonly fields: ReadonlyMap<string, EventField>;
}

/** @throws Error where the text is no format. */
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

/** @throws Error that names the field where the kernel's event has none of that name. */
export function fieldOf({ fields }: EventFormat, name: string): EventField {
  const field = fields.get(name);
  if (!field) throw new Error(`the kernel's trace event has no field ${name}`);
  return field;
}

// Parses texts into the values of a flat schema: settings from the environment, parameters from a query.

/** The supported keywords. */
export interface ValueSchema {
  readonly type?: string;
  readonly enum?: readonly string[];
  readonly minimum?: number;
  readonly maximum?: number;
  readonly items?: ValueSchema;
}

/** Undefined if the text does not match. */
export function valueOf(schema: ValueSchema, text: string | readonly string[]): unknown {
  if (schema.type === 'array') return listOf(schema.items ?? {}, [text].flat());
  if (typeof text !== 'string') return undefined;
  if (schema.enum) return schema.enum.includes(text) ? text : undefined;
  if (schema.type === 'boolean') return text === 'true' ? true : text === 'false' ? false : undefined;
  return schema.type === 'integer' ? integerOf(schema, text) : text;
}

function integerOf({ minimum = -Infinity, maximum = Infinity }: ValueSchema, text: string): number | undefined {
  const value = /^-?\d{1,15}$/.test(text) ? Number(text) : Number.NaN;
  return value >= minimum && value <= maximum ? value : undefined;
}

function listOf(items: ValueSchema, texts: readonly string[]): unknown[] | undefined {
  const values = texts.map((text) => valueOf(items, text));
  return values.includes(undefined) ? undefined : values;
}

/** A violation, in the words of the validator that larger schemas use. */
export interface Complaint {
  readonly keyword: string;
  readonly instancePath: string;
  readonly message: string;
  readonly params: { readonly [name: string]: unknown };
}

interface ObjectSchema {
  readonly properties?: { readonly [name: string]: ValueSchema };
  readonly required?: readonly string[];
}

/** Parses an object of strings; names unknown to the schema are rejected. This is the schema compiler of a minion's server. */
export function flatValidator({ properties = {}, required = [] }: ObjectSchema) {
  return (texts: object): { value: object } | { error: Error & { validation: Complaint[] } } => {
    const given = Object.entries(texts as { [name: string]: string | string[] });
    const values = given.map(([name, text]) => [name, readAt(properties, name, text)] as const);
    const absent = required.find((name) => !Object.hasOwn(texts, name));
    const complaint =
      values.map(([name, value]) => complaintOf(properties, name, value)).find((one) => one !== undefined) ??
      (absent === undefined ? undefined : missing(absent));
    return complaint ? { error: refusal(complaint) } : { value: Object.fromEntries(values) };
  };
}

function readAt(properties: NonNullable<ObjectSchema['properties']>, name: string, text: string | string[]): unknown {
  return Object.hasOwn(properties, name) ? valueOf(properties[name] as ValueSchema, text) : undefined;
}

function complaintOf(
  properties: NonNullable<ObjectSchema['properties']>,
  name: string,
  value: unknown,
): Complaint | undefined {
  if (value !== undefined) return undefined;
  if (!Object.hasOwn(properties, name))
    return {
      keyword: 'additionalProperties',
      instancePath: '',
      message: 'must NOT have additional properties',
      params: { additionalProperty: name },
    };
  const { type = 'string', enum: allowedValues } = properties[name] as ValueSchema;
  if (allowedValues)
    return { keyword: 'enum', instancePath: `/${name}`, message: 'is not allowed', params: { allowedValues } };
  return { keyword: 'type', instancePath: `/${name}`, message: `must be ${type}`, params: { type } };
}

function missing(name: string): Complaint {
  return {
    keyword: 'required',
    instancePath: '',
    message: `must have ${name}`,
    params: { missingProperty: name },
  };
}

function refusal(complaint: Complaint): Error & { validation: Complaint[] } {
  return Object.assign(new Error(complaint.message), { validation: [complaint] });
}

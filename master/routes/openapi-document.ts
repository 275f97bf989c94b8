// Adapts the OpenAPI document for client generators: every operation has an id, titled schemas are components, switches are
// booleans, and JSON is the only media type where it suffices. Only required parameters have an `example`, because pages
// that try operations fill in all examples.
import { isRecord } from '../../src/fields.ts';

type Node = { readonly [key: string]: unknown };

interface Parameter extends Node {
  readonly required?: boolean;
  readonly schema: Node;
  readonly example?: unknown;
}

interface Operation extends Node {
  readonly tags?: readonly string[];
  readonly parameters?: readonly Parameter[];
  readonly responses: { readonly [status: string]: Node };
}

interface Paths {
  readonly [path: string]: { readonly [method: string]: Operation };
}

/** The one path whose main form is a drawing. */
const drawings = '/debug';
const jsonType = 'application/json';
/** What goes wrong is said alike. `default` would do, but generators take it for an answer that went well, too. */
const failures = ['4XX', '5XX'] as const;

export function openapiDocument(raw: object): object {
  const { components, paths, ...rest } = raw as Node & { readonly components?: Node; readonly paths: Paths };
  const schemas: { [name: string]: unknown } = {};
  const known = isRecord(components) && isRecord(components.schemas) ? components.schemas : {};
  for (const [name, schema] of Object.entries(known)) schemas[name] ??= inside(schema, schemas);
  const operations = Object.entries(paths).map(([path, methods]) => [
    path,
    Object.fromEntries(
      Object.entries(methods).map(([method, operation]) => [method, operationOf(path, method, operation, schemas)]),
    ),
  ]);
  return {
    ...rest,
    servers: [{ url: '/', description: 'Where this document was read' }],
    security: [{}, { token: [] }],
    components: { schemas, securitySchemes: { token: bearer } },
    paths: Object.fromEntries(operations) as unknown,
  };
}

const bearer = {
  type: 'http',
  scheme: 'bearer',
  description: 'A token of a ServiceAccount or of the token file, where the service asks for one',
};

function operationOf(path: string, method: string, operation: Operation, schemas: { [name: string]: unknown }) {
  const { parameters, responses, ...rest } = operation;
  return {
    operationId: operationId(path, method),
    ...rest,
    ...(rest.tags?.includes('health') && { security: [] }),
    ...(parameters && { parameters: parameters.map(parameterOf) }),
    responses: Object.fromEntries(
      Object.entries(responses).flatMap(([status, response]) => {
        const said = responseOf(path, response, schemas);
        // Failures have one form; generators look for 4XX.
        return (status === 'default' ? failures : [status]).map((each) => [each, said] as const);
      }),
    ),
  };
}

/** `getClusterResourcesByTypeById` for `/cluster/resources/{type}/{id}`. */
function operationId(path: string, method: string): string {
  const words = path.split(/[/.]/).filter((part) => part !== '');
  if (words.length === 0) return `${method}Home`;
  return (
    method + words.map((word) => (word.startsWith('{') ? `By${capital(word.slice(1, -1))}` : capital(word))).join('')
  );
}

function capital(word: string): string {
  return word.slice(0, 1).toUpperCase() + word.slice(1);
}

function parameterOf({ example, ...parameter }: Parameter): Node {
  const { schema, required } = parameter;
  const isFlag = Array.isArray(schema.enum) && schema.enum.includes('true') && schema.enum.includes('0');
  return {
    ...parameter,
    schema: isFlag ? { type: 'boolean' } : typed(schema),
    ...(example !== undefined && { [required === true ? 'example' : 'x-example']: example }),
  };
}

/** Adds the type to an enumeration of strings. */
function typed(schema: Node): Node {
  const isOfTexts = Array.isArray(schema.enum) && schema.enum.every((each) => typeof each === 'string');
  return isOfTexts ? { type: 'string', ...schema } : schema;
}

function responseOf(path: string, response: Node, schemas: { [name: string]: unknown }): Node {
  const { content } = response;
  if (!isRecord(content)) return response;
  const types = Object.keys(content);
  const isJson = types.includes(jsonType) && types.length > 2 && path !== drawings;
  const kept = isJson ? [jsonType] : types;
  return {
    ...response,
    content: Object.fromEntries(kept.map((type) => [type, inside(content[type], schemas)])),
  };
}

/** Moves a titled schema to the components and refers to it. */
function inside(value: unknown, schemas: { [name: string]: unknown }): unknown {
  if (Array.isArray(value)) return value.map((each) => inside(each, schemas));
  if (!isRecord(value)) return value;
  const { title, ...rest } = value;
  const made = typed(Object.fromEntries(Object.entries(rest).map(([key, each]) => [key, inside(each, schemas)])));
  if (typeof title !== 'string') return 'title' in value ? { title, ...made } : made;
  schemas[title] ??= made;
  return { $ref: `#/components/schemas/${title}` };
}

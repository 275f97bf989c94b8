// Calls every documented path with its examples and with invalid values, and validates every answer against the document.
import { createConfig, lintFromString } from '@redocly/openapi-core';
import { Ajv2020, type ValidateFunction } from 'ajv/dist/2020.js';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { mediaTypes } from '../../../master/routes/forms.ts';
import { kindNamed } from '../../support/random-cluster.ts';
import { createRecordedApp, type RecordedApp } from '../../support/recorded-app.ts';

interface Parameter {
  readonly name: string;
  readonly in: 'query' | 'path';
  readonly required?: boolean;
  readonly example?: unknown;
  /** Of an optional parameter: pages that try an operation out fill in every `example`. */
  readonly 'x-example'?: unknown;
  readonly schema: object;
  readonly description?: string;
}

interface Operation {
  readonly operationId: string;
  readonly summary?: string;
  readonly parameters?: readonly Parameter[];
  readonly responses: {
    readonly [status: string]: { readonly content?: { readonly [type: string]: { readonly schema: object } } };
  };
}

interface Document {
  readonly openapi: string;
  readonly components: { readonly schemas: object; readonly securitySchemes: object };
  readonly paths: { readonly [path: string]: { readonly [method: string]: Operation } };
}

let test: RecordedApp;
let document: Document;
let ajv: Ajv2020;

beforeAll(async () => {
  // The data is two days old, so that every example of the past refers to recorded time.
  test = createRecordedApp({ clock: () => Date.now() - 2 * 86_400_000 });
  const put = (type: string, object: object) => {
    const { group, kind } = kindNamed(type);
    test.store
      .sinkOf(kindNamed(type))
      .event('ADDED', { apiVersion: group ? `${group}/v1` : 'v1', kind, ...object } as never);
  };
  const spec = {
    nodeName: 'node-a',
    containers: [
      { name: 'web', envFrom: [{ configMapRef: { name: 'front-config' } }, { secretRef: { name: 'redis-pass' } }] },
    ],
  };
  put('Namespace', { metadata: { name: 'shop' } });
  put('Node', { metadata: { name: 'node-a' } });
  put('Pod', { metadata: { name: 'frontend-5c677f5fb-lbhf9', namespace: 'shop', labels: { app: 'frontend' } }, spec });
  put('Deployment', { metadata: { name: 'frontend', namespace: 'shop' }, spec: { template: { spec } } });
  put('Ingress', { metadata: { name: 'shop', namespace: 'shop' }, spec: { ingressClassName: 'none' } });
  test.store.sinkOf(kindNamed('Pod')).state('synced');
  await test.start();
  document = (await test.app.inject('/openapi.json')).json<Document>();
  ajv = new Ajv2020({ strict: false, allErrors: true, validateFormats: false });
  ajv.addSchema(document, 'doc');
});

afterAll(() => test.close());

const operations = () =>
  Object.entries(document.paths).flatMap(([path, of]) =>
    Object.entries(of).map(([method, operation]) => ({ path, method, operation })),
  );

function exampleOf(parameter: Parameter): unknown {
  return parameter.required === true ? parameter.example : parameter['x-example'];
}

/** A URL with the documented examples of the required parameters and the given ones. */
function urlOf(path: string, { parameters = [] }: Operation, given: readonly Parameter[]): string {
  const place = parameters
    .filter((each) => each.in === 'path')
    .reduce((url, { name, example }) => url.replace(`{${name}}`, String(example)), path);
  const query = parameters.filter((each) => each.in === 'query' && (each.required === true || given.includes(each)));
  const pairs = query.flatMap((each) =>
    [exampleOf(each)].flat().map((value) => `${each.name}=${encodeURIComponent(String(value))}`),
  );
  return pairs.length > 0 ? `${place}?${pairs.join('&')}` : place;
}

function escaped(part: string): string {
  return encodeURIComponent(part.replaceAll('~', '~0').replaceAll('/', '~1'));
}

/** The schema of an answer with this status and media type, or why there is none. */
function schemaOf(path: string, status: number, type: string): ValidateFunction | string {
  const responses = document.paths[path]?.['get']?.responses ?? {};
  const key = responses[String(status)] ? String(status) : `${String(status)[0]}XX`;
  if (!responses[key]?.content?.[type]) return `${status} ${type} is not documented at ${path}`;
  return (
    ajv.getSchema(`doc#/paths/${escaped(path)}/get/responses/${key}/content/${escaped(type)}/schema`) ??
    `no schema for ${path}`
  );
}

const nothing: Pick<Operation, 'parameters' | 'responses'> = { responses: {} };

function isDrawing(path: string, type: string): boolean {
  const { parameters = [], responses } = document.paths[path]?.['get'] ?? nothing;
  const documented = Object.keys(responses['200']?.content ?? {});
  return !documented.includes(type) && mediaTypes.includes(type) && parameters.some(({ name }) => name === 'format');
}

async function held(path: string, url: string, headers: Record<string, string> = {}): Promise<number> {
  const answer = await test.app.inject({ url, headers });
  const type = String(answer.headers['content-type']).split(';', 1)[0] as string;
  // For a JSON answer the document describes no other forms than `format`.
  if (answer.statusCode === 200 && isDrawing(path, type)) return 200;
  const check = schemaOf(path, answer.statusCode, type);
  if (typeof check === 'string') throw new Error(`${url}: ${check}`);
  const value = type === 'application/json' ? answer.json<unknown>() : answer.payload;
  expect(check(value), `${url} ${answer.statusCode} ${JSON.stringify(check.errors?.slice(0, 3))}`).toBe(true);
  return answer.statusCode;
}

/** Endless streams have tests of their own. */
const endless = new Set(['/cluster/watch', '/cluster/findings/watch']);

describe('the document', () => {
  it('is OpenAPI 3.1, and says of every operation and parameter what it is, with an example', () => {
    expect(document.openapi).toBe('3.1.0');
    expect(operations().length).toBeGreaterThan(12);
    for (const { path, method, operation } of operations()) {
      expect(method).toBe('get');
      expect(operation.summary, path).toBeTruthy();
      expect(Object.keys(operation.responses), path).toEqual(expect.arrayContaining(['4XX', '5XX']));
      for (const parameter of operation.parameters ?? []) {
        const where = `${path} ${parameter.name}`;
        expect(exampleOf(parameter), where).toBeDefined();
        expect(parameter.description, where).toBeTruthy();
        if (parameter.required !== true) expect(parameter, where).not.toHaveProperty('example');
      }
    }
  });

  it('is what generators of clients need: ids, components, schemes of security, switches as booleans', () => {
    const ids = operations().map(({ operation }) => operation.operationId);
    expect(new Set(ids).size).toBe(ids.length);
    expect(ids).toEqual(expect.arrayContaining(['getHome', 'getCluster', 'getClusterResourcesByTypeById']));
    expect(Object.keys(document.components.schemas)).toEqual(
      expect.arrayContaining(['Graph', 'Resource', 'Relation', 'Failure', 'Completeness', 'ChangeEvent']),
    );
    expect(document.components.securitySchemes).toMatchObject({ token: { type: 'http', scheme: 'bearer' } });
    const flag = document.paths['/cluster']?.['get']?.parameters?.find(({ name }) => name === 'missing');
    expect(flag?.schema).toEqual({ type: 'boolean' });
    const refs = [...JSON.stringify(document).matchAll(/"\$ref":"#\/components\/schemas\/(\w+)"/g)].map(
      ([, name]) => name,
    );
    expect([...new Set(refs)].sort()).toEqual(Object.keys(document.components.schemas).sort());
  });

  it('passes the recommended rules of a linter for OpenAPI', async () => {
    const config = await createConfig({ extends: ['recommended'] });
    const source = JSON.stringify(document);
    expect(await lintFromString({ source, config, absoluteRef: '/openapi.json' })).toEqual([]);
  });

  it('has every route that answers a GET, and nothing else', () => {
    const documented = operations().map(({ path }) => path);
    expect(documented).toEqual(
      expect.arrayContaining([
        '/',
        '/cluster',
        '/cluster/resources/{type}/{id}',
        '/debug',
        '/cluster/groups',
        '/version',
      ]),
    );
    expect(documented.filter((path) => path.includes('*') || path.startsWith('/docs'))).toEqual([]);
  });
});

describe('every documented path', () => {
  it('answers what the document says: bare, and with each parameter of its example', async () => {
    const statuses = new Map<string, number>();
    for (const { path, operation } of operations().filter((each) => !endless.has(each.path))) {
      const optional = (operation.parameters ?? []).filter((each) => each.in === 'query' && each.required !== true);
      const root = optional.filter(({ name }) => name === 'root');
      for (const given of [
        [],
        ...optional.map((one) => (['depth', 'direction'].includes(one.name) ? [...root, one] : [one])),
      ]) {
        const url = urlOf(path, operation, given);
        statuses.set(url, await held(path, url));
      }
    }
    expect(statuses.size).toBeGreaterThan(80);
    // The example of a cursor belongs to no page.
    const refused = [...statuses].filter(
      ([url, status]) => status !== 200 && !(status === 410 && url.includes('cursor=')),
    );
    expect(refused).toEqual([]);
  });

  it('takes every form that it documents', async () => {
    let forms = 0;
    for (const { path, operation } of operations().filter((each) => !endless.has(each.path))) {
      if (!operation.parameters?.some(({ name }) => name === 'format')) continue;
      const documented = Object.keys(operation.responses['200']?.content ?? {});
      // Findings cannot be drawn; the others have all forms, though the document tells some of them only by `format`.
      for (const accept of path === '/cluster/findings' ? documented : mediaTypes) {
        expect(await held(path, urlOf(path, operation, []), { accept }), `${path} ${accept}`).toBe(200);
        forms++;
      }
    }
    expect(forms).toBeGreaterThan(50);
    expect(Object.keys(document.paths['/debug']?.['get']?.responses['200']?.content ?? {})).toEqual(
      expect.arrayContaining([...mediaTypes]),
    );
    expect(Object.keys(document.paths['/cluster']?.['get']?.responses['200']?.content ?? {})).toEqual([
      'application/json',
    ]);
  });

  it('refuses what it does not document, in the documented form', async () => {
    for (const { path, operation } of operations()) {
      const url = urlOf(path, operation, []);
      expect(await held(path, `${url}${url.includes('?') ? '&' : '?'}surprise=1`), path).toBe(400);
      for (const { name, required } of operation.parameters ?? []) {
        if (required === true && document.paths[path] && url.includes(`${name}=`))
          expect(await held(path, url.split('?', 1)[0] as string), path).toBe(400);
      }
    }
  });
});

describe('/docs', () => {
  it('is a page that needs nothing from anywhere else', async () => {
    const page = await test.app.inject('/docs');
    expect(page.statusCode).toBe(200);
    expect(page.headers['content-security-policy']).toMatch(/^default-src 'self';/);
    expect(page.headers['content-security-policy']).not.toMatch(/https?:|upgrade-insecure/);
    const links = [...page.payload.matchAll(/(?:src|href)="([^"]+)"/g)].map(([, link]) => link as string);
    expect(links.length).toBeGreaterThan(3);
    for (const link of links) expect((await test.app.inject(link)).statusCode, link).toBe(200);
    expect(page.payload).not.toMatch(/<script>(?!\s*<)/);
  });
});

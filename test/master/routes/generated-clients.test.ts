// Clients generated from /openapi.json by two generators compile without warnings and work.
import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { build } from 'esbuild';
import openapiTypes from 'openapi-typescript';
import { generate } from 'openapi-typescript-codegen';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { createTestApp, listen } from '../../support/app.ts';
import { started } from '../../support/command-line.ts';
import { kindNamed } from '../../support/random-cluster.ts';
import { root } from '../../support/source-tree.ts';

const served = createTestApp();
const folder = mkdtempSync(join(tmpdir(), 'clients-'));
let url: string;
let document: { readonly [member: string]: unknown };

beforeAll(async () => {
  const metadata = { name: 'a', namespace: 'shop', labels: { app: 'web' } };
  served.store.sinkOf(kindNamed('ConfigMap')).event('ADDED', { apiVersion: 'v1', kind: 'ConfigMap', metadata });
  url = await listen(served.app);
  document = (await (await fetch(`${url}/openapi.json`)).json()) as typeof document;
  symlinkSync(join(root, 'node_modules'), join(folder, 'node_modules'));
  const compilerOptions = {
    ...{ strict: true, noEmit: true, target: 'esnext', module: 'esnext', moduleResolution: 'bundler' },
    ...{ types: ['node'], skipLibCheck: true, exactOptionalPropertyTypes: true },
  };
  writeFileSync(join(folder, 'tsconfig.json'), JSON.stringify({ compilerOptions, include: ['**/*.ts'] }));
  writeFileSync(join(folder, 'package.json'), '{"type":"module"}');
});

afterAll(async () => {
  await served.app.close();
  rmSync(folder, { recursive: true });
});

/** Uses types from the document only: a field that it lacks does not compile. */
const byTypes = `
import createClient from 'openapi-fetch';
import type { paths, components } from './types';

const client = createClient<paths>({ baseUrl: process.argv[2] ?? '' });
const query = { type: 'cm', neighbours: true, ids: true };
const { data, error } = await client.GET('/cluster', { params: { query } });
if (error) throw new Error(error.error_message);
const graph: components['schemas']['Graph'] = data;
const ids: string[] = graph.resources.map((resource) => resource.id);
const missing = await client.GET('/cluster/resources/{type}/{id}', { params: { path: { type: 'cm', id: 'shop/b' } } });
console.log(JSON.stringify([ids, graph.relations[0]?.id, graph.completeness.complete, missing.error?.code]));
`;

const byFunctions = `
import { ApiError, GraphService, OpenAPI } from './client';

OpenAPI.BASE = process.argv[2] ?? '';
const { resources, relations, completeness } = await GraphService.getCluster({ type: 'cm', neighbours: true, ids: true });
const ids: string[] = resources.map((resource) => resource.id);
const missing = await GraphService.getClusterResourcesByTypeById({ type: 'cm', id: 'shop/b' }).catch((error) =>
  error instanceof ApiError ? (error.body as { code: string }).code : String(error));
console.log(JSON.stringify([ids, relations[0]?.id, completeness.complete, missing]));
`;

const expected = [
  ['ConfigMap:shop/a', 'Namespace:shop'],
  'Namespace:shop contains ConfigMap:shop/a',
  false,
  'unknown_id',
];

async function answerOf(name: string): Promise<unknown> {
  const outfile = join(folder, `${name}.mjs`);
  await build({ entryPoints: [join(folder, `${name}.ts`)], bundle: true, platform: 'node', format: 'esm', outfile });
  const { out, err } = await started(process.execPath, [outfile, url]);
  expect(err).toBe('');
  return JSON.parse(out) as unknown;
}

test('two generated clients compile, and get what they ask for', async () => {
  writeFileSync(join(folder, 'types.ts'), await openapiTypes(document as never));
  writeFileSync(join(folder, 'by-types.ts'), byTypes);
  const output = join(folder, 'client');
  // A field's name such as `class` cannot be the name of an enum.
  await generate({ input: document, output, httpClient: 'fetch', useOptions: true, useUnionTypes: true });
  writeFileSync(join(folder, 'by-functions.ts'), byFunctions);
  const words = compiled();
  expect(words).toBe('');
  expect(await answerOf('by-types')).toEqual(expected);
  expect(await answerOf('by-functions')).toEqual(expected);
});

function compiled(): string {
  try {
    return execFileSync(join(root, 'node_modules/.bin/tsc'), ['-p', folder], { encoding: 'utf8' });
  } catch (error) {
    return String((error as { readonly stdout?: unknown }).stdout ?? error);
  }
}

test('the document has no path twice and each operation its own name', () => {
  const paths = document['paths'] as {
    readonly [path: string]: { readonly [method: string]: { operationId: string } };
  };
  const names = Object.values(paths).flatMap((methods) => Object.values(methods).map(({ operationId }) => operationId));
  expect(names.length).toBeGreaterThan(25);
  expect(new Set(names).size).toBe(names.length);
});

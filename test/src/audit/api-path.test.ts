import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { apiRequestOf } from '../../../src/audit/api-path.ts';
import { describeRequest } from '../../../src/demo/api/request.ts';

const cases: readonly [method: string, path: string, verb: string, object: object | undefined][] = [
  ['GET', '/version', 'get', undefined],
  ['GET', '/apis', 'get', undefined],
  ['GET', '/apis/apps/v1', 'get', undefined],
  ['GET', '/api/v1/pods?limit=500', 'list', { group: '', version: 'v1', resource: 'pods' }],
  ['GET', '/api/v1/pods?watch=1', 'watch', { group: '', version: 'v1', resource: 'pods' }],
  ['GET', '/api/v1/pods?watch=false', 'list', { group: '', version: 'v1', resource: 'pods' }],
  ['GET', '/api/v1/namespaces', 'list', { group: '', version: 'v1', resource: 'namespaces' }],
  ['GET', '/api/v1/namespaces/shop', 'get', { group: '', version: 'v1', resource: 'namespaces', name: 'shop' }],
  [
    'GET',
    '/api/v1/namespaces/shop/status',
    'get',
    { group: '', version: 'v1', resource: 'namespaces', name: 'shop', subresource: 'status' },
  ],
  [
    'PATCH',
    '/apis/apps/v1/namespaces/shop/deployments/a%2Fb?fieldManager=x',
    'patch',
    { group: 'apps', version: 'v1', resource: 'deployments', namespace: 'shop', name: 'a/b' },
  ],
  [
    'PATCH',
    '/apis/apps/v1/namespaces/shop/deployments/web/scale',
    'patch',
    { group: 'apps', version: 'v1', resource: 'deployments', namespace: 'shop', name: 'web', subresource: 'scale' },
  ],
  [
    'POST',
    '/apis/authorization.k8s.io/v1/subjectaccessreviews',
    'create',
    { group: 'authorization.k8s.io', version: 'v1', resource: 'subjectaccessreviews' },
  ],
  [
    'GET',
    '/api/v1/nodes/n1/proxy/stats/summary',
    'get',
    { group: '', version: 'v1', resource: 'nodes', name: 'n1', subresource: 'proxy' },
  ],
  [
    'DELETE',
    '/api/v1/namespaces/shop/pods',
    'deletecollection',
    { group: '', version: 'v1', resource: 'pods', namespace: 'shop' },
  ],
];

test.each(cases)('%s %s is %s of its object', (method, path, verb, object) => {
  expect(apiRequestOf(method, path)).toEqual({ verb, ...(object && { object }), dryRun: false });
});

test.each([
  ['/api/v1/pods?dryRun=All', true],
  ['/api/v1/pods?fieldManager=a&dryRun=All', true],
  ['/api/v1/pods?dryRun=', false],
  ['/api/v1/pods?x=dryRun%3DAll', false],
])('a dry run is told by the parameter alone: %s', (path, dryRun) => {
  expect(apiRequestOf('PATCH', path).dryRun).toBe(dryRun);
});

describe('whatever the path', () => {
  const step = fc.constantFrom('namespaces', 'shop', 'pods', 'status', 'proxy', 'api', 'v1', 'apis', 'apps', '%zz', '');
  const path = fc.array(step, { maxLength: 8 }).map((steps) => `/${steps.join('/')}`);

  test('there is a verb', () => {
    const method = fc.constantFrom('GET', 'POST', 'PATCH', 'ODD');
    fc.assert(
      fc.property(method, fc.oneof(fc.string(), path), (asked, text) => {
        expect(apiRequestOf(asked, text).verb).toMatch(/^[a-z]+$/);
      }),
    );
  });

  test('verb and resource are those that a server of another hand reads', () => {
    fc.assert(
      fc.property(path, fc.constantFrom('GET', 'PATCH', 'DELETE', 'POST'), (text, method) => {
        fc.pre(
          !text.includes('%') && !/\/\//.test(text) && !text.endsWith('/') && !/^\/apis\/[^/]*\/[^/]*$/.test(text),
        );
        const { verb, object } = apiRequestOf(method, text);
        if (object === undefined || (object.name === undefined && method === 'PATCH')) return;
        const resource = object.resource + (object.group ? `.${object.group}` : '');
        const told = describeRequest(method, new URL(`http://x${text}`));
        const longer = told
          .split(' ')[1]
          ?.split('/')
          .slice(0, object.subresource ? 2 : 1)
          .join('/');
        expect(`${told.split(' ')[0]} ${longer}`).toBe(
          `${verb} ${resource}${object.subresource ? `/${object.subresource}` : ''}`,
        );
      }),
    );
  });
});

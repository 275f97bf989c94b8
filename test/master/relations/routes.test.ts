import { describe, expect, test } from 'vitest';
import { routeBackend, routeExtension, routeMirror, routeServesHost } from '../../../master/relations/routes.ts';
import { named, object, referencesOf, ruleCases } from '../../support/rule-cases.ts';

const group = 'gateway.networking.k8s.io';
const route = (spec: object, kind = 'HTTPRoute') => object(`${group}/v1`, kind, { spec });

const grantOf = (name: string, namespace: string) => ({
  index: 'grant',
  anyOf: ['*', name].map((each) => `HTTPRoute.${group} shop Service ${namespace}/${each}`),
  grantedBy: `ReferenceGrant.${group}`,
  namespace,
});

ruleCases(routeBackend, [
  {
    says: 'a route routes to Services of its namespace, each with its weight; one of weight 0 is named all the same',
    object: route({
      rules: [
        {},
        {
          backendRefs: [
            { name: 'web', port: 80, weight: 9 },
            { name: 'canary', weight: 0 },
          ],
        },
      ],
    }),
    refers: [
      { target: named('Service', 'web', 'shop'), field: 'spec.rules[1].backendRefs[0]', notes: { weight: 9 } },
      {
        target: named('Service', 'canary', 'shop'),
        field: 'spec.rules[1].backendRefs[1]',
        notes: { weight: 0 },
        dependence: 'none',
      },
    ],
  },
  {
    says: 'an HTTPRoute routes to another namespace, if a ReferenceGrant there allows it',
    object: route({ rules: [{ backendRefs: [{ name: 'web', namespace: 'other' }] }] }),
    refers: [
      {
        target: named('Service', 'web', 'other'),
        field: 'spec.rules[0].backendRefs[0]',
        when: grantOf('web', 'other'),
      },
    ],
  },
  {
    says: 'a Service of another group is another kind',
    object: route({ rules: [{ backendRefs: [{ group: 'serving.knative.dev', kind: 'Service', name: 'web' }] }] }),
    refers: [{ target: named('Service.serving.knative.dev', 'web', 'shop'), field: 'spec.rules[0].backendRefs[0]' }],
  },
  { says: 'a route without rules routes nowhere', object: route({}), refers: [] },
]);

const mirror = (name: string, namespace?: string) => ({
  filters: [
    { type: 'RequestHeaderModifier' },
    { type: 'RequestMirror', requestMirror: { backendRef: { name, ...(namespace && { namespace }) } } },
  ],
});

ruleCases(routeMirror, [
  {
    says: 'a route routes copies to the mirrors of its rules and of its backends',
    object: route({ rules: [{ ...mirror('audit'), backendRefs: [{ name: 'web', ...mirror('shadow', 'lab') }] }] }),
    refers: [
      { target: named('Service', 'audit', 'shop'), field: 'spec.rules[0].filters[1].requestMirror.backendRef' },
      {
        target: named('Service', 'shadow', 'lab'),
        field: 'spec.rules[0].backendRefs[0].filters[1].requestMirror.backendRef',
        when: grantOf('shadow', 'lab'),
      },
    ],
  },
  {
    says: 'a route without filters mirrors nothing',
    object: route({ rules: [{ backendRefs: [{ name: 'web' }] }] }),
    refers: [],
  },
]);

ruleCases(routeServesHost, [
  {
    says: 'a route serves its hosts',
    object: route({ hostnames: ['shop.example.com', '*.shop.example.com'] }),
    refers: [
      { target: named('Host', 'shop.example.com'), field: 'spec.hostnames[0]' },
      { target: named('Host', '*.shop.example.com'), field: 'spec.hostnames[1]' },
    ],
  },
  { says: 'a TCPRoute has no hosts', object: route({}, 'TCPRoute'), refers: [] },
]);

describe('every kind of route', () => {
  test.each(['HTTPRoute', 'GRPCRoute', 'TCPRoute', 'TLSRoute', 'UDPRoute'])('a %s routes to its backends', (kind) => {
    const object = route({ rules: [{ backendRefs: [{ name: 'web' }] }] }, kind);
    expect(routeBackend.reads).toContain(`${kind}.${group}`);
    expect(referencesOf(routeBackend, object)).toHaveLength(1);
  });
});

const extension = { type: 'ExtensionRef', extensionRef: { group: 'traefik.io', kind: 'Middleware', name: 'auth' } };

ruleCases(routeExtension, [
  {
    says: 'a route uses what extends its rules and its backends, in its own namespace',
    object: route({ rules: [{ filters: [{}, extension], backendRefs: [{ name: 'web', filters: [extension] }] }] }),
    refers: [
      { target: named('Middleware.traefik.io', 'auth', 'shop'), field: 'spec.rules[0].filters[1].extensionRef' },
      {
        target: named('Middleware.traefik.io', 'auth', 'shop'),
        field: 'spec.rules[0].backendRefs[0].filters[0].extensionRef',
      },
    ],
  },
  {
    says: 'a route uses the backend that authorizes its requests',
    object: route({ rules: [{ filters: [{ externalAuth: { protocol: 'GRPC', backendRef: { name: 'authz' } } }] }] }),
    refers: [{ target: named('Service', 'authz', 'shop'), field: 'spec.rules[0].filters[0].externalAuth.backendRef' }],
  },
  { says: 'other filters name nothing', object: route({ rules: [{ filters: [{ type: 'URLRewrite' }] }] }), refers: [] },
]);

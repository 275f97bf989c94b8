// Namespace `web`: a storefront whose Pods use configuration in every possible way, with its scaling, protection and
// exposure.
import type { KubernetesObject } from '../../model.ts';
import { condition, make } from './make.ts';
import { companions, type PodSpecPlan, pod } from './pods.ts';
import { daemonSet, deployment, service, type WorkloadPlan } from './workloads.ts';

const labels = { app: 'storefront', 'app.kubernetes.io/name': 'storefront', 'app.kubernetes.io/part-of': 'shop' };

/** Argo CD's mark on deployed objects. */
const tracked = (id: string) => ({ 'argocd.argoproj.io/tracking-id': `storefront:${id}` });

const storefrontSpec: PodSpecPlan = {
  serviceAccountName: 'storefront',
  priorityClassName: 'business-critical',
  runtimeClassName: 'sandboxed',
  imagePullSecrets: [{ name: 'registry-login' }],
  initContainers: [
    {
      name: 'migrate',
      image: 'registry.example.com/shop/migrate:3.1',
      command: ['/migrate', '--database=shop', '--password=s3cr3t-value'],
      env: [{ name: 'DATABASE_URL', valueFrom: { secretKeyRef: { name: 'database', key: 'url' } } }],
    },
    {
      name: 'proxy',
      image: 'docker.io/envoyproxy/envoy:v1.36',
      restartPolicy: 'Always',
      envFrom: [{ configMapRef: { name: 'proxy-env', optional: true } }],
    },
  ],
  containers: [
    {
      name: 'web',
      image: 'registry.example.com/shop/storefront:2.4.0',
      command: ['/bin/storefront', '--token=s3cr3t-value'],
      ports: [{ name: 'http', containerPort: 8080, protocol: 'TCP' }],
      env: [
        { name: 'THEME', valueFrom: { configMapKeyRef: { name: 'theme', key: 'name' } } },
        { name: 'FEATURES', valueFrom: { configMapKeyRef: { name: 'features', key: 'list', optional: true } } },
        { name: 'API_KEY', valueFrom: { secretKeyRef: { name: 'api-keys', key: 'web' } } },
        { name: 'NODE_NAME', valueFrom: { fieldRef: { apiVersion: 'v1', fieldPath: 'spec.nodeName' } } },
        { name: 'PASSWORD', value: 's3cr3t-value' },
      ],
      envFrom: [{ configMapRef: { name: 'storefront-env' } }, { prefix: 'PAY_', secretRef: { name: 'payment' } }],
      volumeMounts: [
        { name: 'pages', mountPath: '/pages' },
        { name: 'scratch', mountPath: '/scratch' },
      ],
      resources: { claims: [{ name: 'accelerator' }] },
    },
  ],
  resourceClaims: [
    { name: 'accelerator', resourceClaimTemplateName: 'accelerator' },
    { name: 'shared', resourceClaimName: 'shared-accelerator' },
  ],
  volumes: [
    { name: 'pages', configMap: { name: 'pages', defaultMode: 420 } },
    { name: 'certificate', secret: { secretName: 'storefront-tls', defaultMode: 420 } },
    {
      name: 'identity',
      projected: {
        sources: [
          { serviceAccountToken: { path: 'token', audience: 'payments', expirationSeconds: 3600 } },
          { configMap: { name: 'kube-root-ca.crt', items: [{ key: 'ca.crt', path: 'ca.crt' }] } },
          { secret: { name: 'client-certificate', optional: true } },
          {
            downwardAPI: {
              items: [{ path: 'namespace', fieldRef: { apiVersion: 'v1', fieldPath: 'metadata.namespace' } }],
            },
          },
          { clusterTrustBundle: { name: 'example.com:corporate', path: 'corporate.pem', optional: true } },
        ],
      },
    },
    {
      name: 'secrets-store',
      csi: { driver: 'csi.secrets.example.com', readOnly: true, nodePublishSecretRef: { name: 'secrets-store-login' } },
    },
    {
      name: 'scratch',
      ephemeral: {
        volumeClaimTemplate: {
          spec: {
            accessModes: ['ReadWriteOnce'],
            storageClassName: 'fast',
            resources: { requests: { storage: '1Gi' } },
          },
        },
      },
    },
    { name: 'cache', emptyDir: {} },
  ],
};

export const storefront: WorkloadPlan = {
  path: 'web/storefront',
  replicas: 3,
  labels,
  ip: 20,
  meta: { annotations: tracked('apps/Deployment:web/storefront') },
  spec: storefrontSpec,
};

/** A Pod with a debug container. */
function debugged(pods: KubernetesObject[]): KubernetesObject[] {
  const debug = {
    name: 'debugger-x7k2p',
    image: 'docker.io/library/busybox:1.37',
    targetContainerName: 'web',
    command: ['sh'],
  };
  const [first, ...rest] = pods.filter((object) => object.kind === 'Pod');
  if (!first) return pods;
  const plan = {
    path: `web/${first.metadata.name}`,
    labels: first.metadata.labels ?? {},
    generateName: String(first.metadata.generateName),
  };
  const { nodeName } = first['spec'] as { nodeName: string };
  const [owner] = first.metadata.ownerReferences ?? [];
  const spec = { ...storefrontSpec, ephemeralContainers: [debug] };
  const replaced = pod({
    ...plan,
    ...(owner && { owner }),
    node: nodeName,
    ip: 20,
    spec,
  });
  return [...pods.filter((object) => object.kind !== 'Pod'), replaced, ...rest];
}

export function webObjects(): KubernetesObject[] {
  const storefrontObjects = debugged(deployment(storefront));
  return [
    ...storefrontObjects,
    ...storefrontObjects.filter((object) => object.kind === 'Pod').flatMap(companions),
    ...deployment(cart),
    ...deployment(checkout),
    ...daemonSet(edgeCache),
    ...services(),
    ...configuration(),
    ...scaling(),
    waiting,
    orphaned,
  ];
}

export const cart: WorkloadPlan = {
  path: 'web/cart',
  labels: { app: 'cart', 'app.kubernetes.io/part-of': 'shop' },
  ip: 30,
  spec: {
    serviceAccountName: 'cart',
    containers: [{ name: 'cart', image: 'registry.example.com/shop/cart:1.8.2', ports: [{ containerPort: 9090 }] }],
  },
};

/** Its ConfigMap was deleted while it ran, so its container could not restart. */
export const checkout: WorkloadPlan = {
  path: 'web/checkout',
  replicas: 1,
  heldUp: { reason: 'CreateContainerConfigError', message: 'configmap "checkout-env" not found' },
  labels: { app: 'checkout', 'app.kubernetes.io/part-of': 'shop' },
  ip: 40,
  spec: {
    containers: [
      {
        name: 'checkout',
        image: 'registry.example.com/shop/checkout:0.9.1',
        envFrom: [{ configMapRef: { name: 'checkout-env' } }],
      },
    ],
  },
};

const edgeCache: WorkloadPlan = {
  path: 'web/edge-cache',
  labels: { app: 'edge-cache' },
  ip: 50,
  spec: { hostNetwork: true, containers: [{ name: 'cache', image: 'docker.io/library/varnish:7.7' }] },
};

/** Too large for any node. */
const waiting = pod({
  path: 'web/recommendations-0',
  labels: { app: 'recommendations' },
  spec: {
    containers: [
      { name: 'model', image: 'registry.example.com/shop/recommendations:5', resources: { requests: { cpu: '64' } } },
    ],
    volumes: [{ name: 'models', persistentVolumeClaim: { claimName: 'models' } }],
  },
});

/** Its Deployment is gone, and it is not collected yet. */
const orphaned = make('apps/v1', 'ReplicaSet', 'web/retired-7d9c5b', {
  labels: { app: 'retired' },
  owners: [
    {
      apiVersion: 'apps/v1',
      kind: 'Deployment',
      name: 'retired',
      uid: '5f3c1a52-7f0e-4bb4-9d43-0a2f6a9c2e11',
      controller: true,
    },
  ],
  spec: {
    replicas: 0,
    selector: { matchLabels: { app: 'retired' } },
    template: {
      metadata: { labels: { app: 'retired' } },
      spec: { containers: [{ name: 'c', image: 'docker.io/library/busybox:1.37' }] },
    },
  },
  status: { replicas: 0, observedGeneration: 1 },
});

function services(): KubernetesObject[] {
  return [
    service({
      path: 'web/storefront',
      selector: { app: 'storefront' },
      ports: [{ name: 'http', port: 80, targetPort: 8080 }],
      clusterIP: '10.96.20.1',
      meta: { labels, annotations: tracked('/Service:web/storefront') },
      spec: {
        type: 'LoadBalancer',
        clusterIPs: ['10.96.20.1', 'fd00:10:96::201'],
        ipFamilies: ['IPv4', 'IPv6'],
        ipFamilyPolicy: 'PreferDualStack',
        externalIPs: ['198.51.100.7'],
      },
      status: {
        loadBalancer: { ingress: [{ ip: '203.0.113.20', ipMode: 'VIP' }, { hostname: 'lb-20.cloud.example.com' }] },
      },
    }),
    service({
      path: 'web/cart',
      selector: { app: 'cart' },
      ports: [{ name: 'grpc', port: 9090 }],
      clusterIP: '10.96.20.2',
      meta: { labels: { app: 'cart' } },
    }),
    service({
      path: 'web/checkout',
      selector: { app: 'checkout' },
      ports: [{ port: 80, targetPort: 8080 }],
      clusterIP: '10.96.20.3',
    }),
    service({
      path: 'web/payments',
      ports: [{ port: 443 }],
      clusterIP: '',
      spec: {
        type: 'ExternalName',
        externalName: 'payments.example.net',
        clusterIP: undefined,
        clusterIPs: undefined,
        ipFamilies: undefined,
        ipFamilyPolicy: undefined,
      },
    }),
  ];
}

function configuration(): KubernetesObject[] {
  const configMap = (name: string, data: { [key: string]: string }) => make('v1', 'ConfigMap', `web/${name}`, { data });
  const secret = (name: string, type = 'Opaque') =>
    make('v1', 'Secret', `web/${name}`, { type, data: { value: 'czNjcjN0LXZhbHVl' } });
  return [
    configMap('theme', { name: 'winter' }),
    configMap('pages', { 'index.html': '<h1>Shop</h1>', '404.html': '<h1>Gone</h1>' }),
    configMap('storefront-env', { LANGUAGE: 'en', CURRENCY: 'EUR' }),
    secret('api-keys'),
    secret('payment'),
    secret('database'),
    secret('registry-login', 'kubernetes.io/dockerconfigjson'),
    secret('storefront-tls', 'kubernetes.io/tls'),
    secret('secrets-store-login'),
  ];
}

function scaling(): KubernetesObject[] {
  const target = { apiVersion: 'apps/v1', kind: 'Deployment', name: 'storefront' };
  return [
    make('autoscaling/v2', 'HorizontalPodAutoscaler', 'web/storefront', {
      spec: {
        scaleTargetRef: target,
        minReplicas: 2,
        maxReplicas: 10,
        metrics: [
          { type: 'Resource', resource: { name: 'cpu', target: { type: 'Utilization', averageUtilization: 70 } } },
        ],
      },
      status: { currentReplicas: 3, desiredReplicas: 3, currentMetrics: null, conditions: [condition('AbleToScale')] },
    }),
    make('autoscaling.k8s.io/v1', 'VerticalPodAutoscaler', 'web/cart', {
      spec: { targetRef: { ...target, name: 'cart' }, updatePolicy: { updateMode: 'Off' } },
      status: { conditions: [condition('RecommendationProvided')] },
    }),
    make('policy/v1', 'PodDisruptionBudget', 'web/everything', {
      spec: { minAvailable: 1, selector: {} },
      status: { currentHealthy: 9, desiredHealthy: 1, disruptionsAllowed: 8, expectedPods: 9, observedGeneration: 1 },
    }),
    make('policy/v1', 'PodDisruptionBudget', 'web/storefront', {
      spec: {
        maxUnavailable: 1,
        selector: { matchExpressions: [{ key: 'app', operator: 'In', values: ['storefront', 'cart'] }] },
      },
      status: { currentHealthy: 5, desiredHealthy: 4, disruptionsAllowed: 1, expectedPods: 5, observedGeneration: 1 },
    }),
  ];
}

// Generates a cluster of any size, the same for the same seed: owner chains, selectors that match, EndpointSlices of existing
// Pods, references to ConfigMaps, Secrets and claims. Objects are produced one by one as an API server's bytes, so the cluster is
// never in memory as objects.
import { createHash } from 'node:crypto';
import { managedFields } from './managed-fields.ts';
import type { Size } from './sizes.ts';

type Fields = { readonly [field: string]: unknown };

/** All objects of one resource, such as `deployments.apps`. */
export interface Generated {
  readonly resource: string;
  readonly count: number;
  object(index: number): Buffer;
}

interface Name {
  readonly name: string;
  readonly namespace?: string | undefined;
}

const created = '2026-11-01T08:00:00Z';
const changed = '2026-11-20T16:58:32Z';

export function generate(size: Size, seed: number): Generated[] {
  let version = 1000;

  const hex = (what: string, i: number) => createHash('md5').update(`${seed} ${what} ${i}`).digest('hex');
  const uid = (what: string, i: number) => hex(what, i).replace(/^(.{8})(.{4})(.{4})(.{4})/, '$1-$2-$3-$4-');
  const pick = (what: string, i: number, of: number) => Number.parseInt(hex(what, i).slice(0, 8), 16) % of;

  const namespaceOf = (i: number) => `team-${String(i % size.namespaces).padStart(3, '0')}`;
  const appOf = (i: number) => `app-${i % size.deployments}`;
  const revisionsOf = (i: number) => Math.floor((size.replicaSets - 1 - i) / size.deployments) + 1;
  const hashOf = (i: number, revision: number) => hex(`template ${i}`, revision).slice(0, 9);
  const replicaSetName = (i: number, revision: number) => `${appOf(i)}-${hashOf(i, revision)}`;
  const replicasOf = (i: number) => Math.max(0, Math.floor((deploymentPods - 1 - i) / size.deployments) + 1);
  const deploymentPods = size.pods - size.jobPods;
  const nodeName = (i: number) => `node-${String(i).padStart(4, '0')}`;
  const podName = (i: number) => {
    const of = i % size.deployments;
    return `${replicaSetName(of, revisionsOf(of) - 1)}-${hex('pod', i).slice(0, 5)}`;
  };
  const podAddress = (i: number) => `10.${100 + (i >> 16)}.${(i >> 8) & 255}.${i & 255}`;
  const jobName = (j: number) => `task-${j % size.cronJobs}-${29_919_000 + Math.floor(j / size.cronJobs)}`;
  // References within a namespace must find an object there: object i is in namespace i % namespaces.
  const near = (what: string, i: number, count: number): number | undefined => {
    const namespace = i % size.namespaces;
    const there = Math.floor((count - 1 - namespace) / size.namespaces) + 1;
    return there > 0 ? namespace + size.namespaces * pick(what, i, there) : undefined;
  };

  function object(what: string, i: number, name: Name, manager: string, meta: Fields, rest: Fields): Buffer {
    const { status, ...said } = rest;
    const metadata = {
      ...name,
      uid: uid(what, i),
      resourceVersion: String(version++),
      creationTimestamp: created,
      ...meta,
      managedFields: managedFields(manager, changed, meta, said, status),
    };
    return Buffer.from(JSON.stringify({ metadata, ...rest }));
  }

  const ownedBy = (apiVersion: string, kind: string, what: string, i: number, name: string) => ({
    ownerReferences: [{ apiVersion, kind, name, uid: uid(what, i), controller: true, blockOwnerDeletion: true }],
  });
  const condition = (type: string, status = 'True') => ({ type, status, lastTransitionTime: changed });

  function container(i: number, n: number): Fields {
    const config = near('config', i, size.configMaps);
    const secret = near('secret', i, size.secrets);
    const from = (key: string, valueFrom: Fields) => ({ name: key, valueFrom });
    return {
      name: n === 0 ? 'main' : `sidecar-${n}`,
      image: imageName(i, n),
      args: ['--listen=:8080', `--workers=${2 + (i % 6)}`],
      ports: [{ name: 'http', containerPort: 8080 + n, protocol: 'TCP' }],
      ...(config === undefined ? {} : { envFrom: [{ configMapRef: { name: `config-${config}` } }] }),
      env: [
        { name: 'LOG_LEVEL', value: 'info' },
        ...(secret === undefined
          ? []
          : [from('DATABASE_URL', { secretKeyRef: { name: `secret-${secret}`, key: 'url' } })]),
        from('POD_IP', { fieldRef: { apiVersion: 'v1', fieldPath: 'status.podIP' } }),
      ],
      resources: { limits: { memory: '512Mi' }, requests: { cpu: '100m', memory: '256Mi' } },
      terminationMessagePath: '/dev/termination-log',
      terminationMessagePolicy: 'File',
      imagePullPolicy: 'IfNotPresent',
    };
  }

  const imageName = (i: number, n: number) =>
    `registry.example.com/team/app-${pick(`image ${n}`, i, 2000)}:v${1 + (i % 9)}`;

  function podSpec(i: number, restartPolicy: string): Fields {
    const containers = Array.from({ length: size.containers }, (_, n) => container(i, n));
    const account = near('account', i, size.serviceAccounts);
    const claim = i % 25 === 0 ? near('claim', i, size.claims) : undefined;
    const volumes =
      claim === undefined ? {} : { volumes: [{ name: 'data', persistentVolumeClaim: { claimName: `data-${claim}` } }] };
    return {
      ...volumes,
      containers,
      restartPolicy,
      terminationGracePeriodSeconds: 30,
      dnsPolicy: 'ClusterFirst',
      ...(account === undefined
        ? {}
        : { serviceAccountName: `account-${account}`, serviceAccount: `account-${account}` }),
      securityContext: {},
      schedulerName: 'default-scheduler',
    };
  }

  const labelsOf = (i: number, hash?: string) => ({
    app: appOf(i),
    'app.kubernetes.io/managed-by': 'Helm',
    ...(hash === undefined ? {} : { 'pod-template-hash': hash }),
    tier: ['web', 'worker', 'api'][i % 3],
  });

  function podObject(i: number): Buffer {
    const ofJob = i >= deploymentPods;
    const of = ofJob ? (i - deploymentPods) % size.jobs : i % size.deployments;
    const revision = revisionsOf(of) - 1;
    const name = ofJob ? `${jobName(of)}-${hex('pod', i).slice(0, 5)}` : podName(i);
    const meta = ofJob
      ? { labels: { 'job-name': jobName(of) }, ...ownedBy('batch/v1', 'Job', 'job', of, jobName(of)) }
      : {
          generateName: `${replicaSetName(of, revision)}-`,
          labels: labelsOf(of, hashOf(of, revision)),
          ...ownedBy(
            'apps/v1',
            'ReplicaSet',
            'replicaset',
            of + revision * size.deployments,
            replicaSetName(of, revision),
          ),
        };
    const place = { name, namespace: namespaceOf(ofJob ? of % size.cronJobs : of) };
    const node = pick('node', i, size.nodes);
    const spec = {
      ...podSpec(ofJob ? of % size.cronJobs : of, ofJob ? 'Never' : 'Always'),
      nodeName: nodeName(node),
      tolerations: ['not-ready', 'unreachable'].map((key) => ({
        key: `node.kubernetes.io/${key}`,
        operator: 'Exists',
        effect: 'NoExecute',
        tolerationSeconds: 300,
      })),
      enableServiceLinks: true,
    };
    return object('pod', i, place, 'kubelet', meta, { spec, status: podStatus(i, of, ofJob, node) });
  }

  function podStatus(i: number, of: number, ofJob: boolean, node: number): Fields {
    const state = ofJob
      ? { terminated: { exitCode: 0, reason: 'Completed', startedAt: created, finishedAt: changed } }
      : { running: { startedAt: created } };
    const image = (n: number) => imageName(ofJob ? of % size.cronJobs : of, n);
    return {
      phase: ofJob ? 'Succeeded' : 'Running',
      conditions: ['Initialized', 'Ready', 'ContainersReady', 'PodScheduled'].map((type) => condition(type)),
      hostIP: `192.168.${node >> 8}.${node & 255}`,
      podIP: podAddress(i),
      podIPs: [{ ip: podAddress(i) }],
      startTime: created,
      containerStatuses: Array.from({ length: size.containers }, (_, n) => ({
        name: n === 0 ? 'main' : `sidecar-${n}`,
        state,
        lastState: {},
        ready: !ofJob,
        restartCount: i % 3,
        image: image(n),
        imageID: `${image(n).replace(/:v\d+$/, '')}@sha256:${createHash('sha256').update(image(n)).digest('hex')}`,
        containerID: `containerd://${hex('container', i * 8 + n)}${hex('container2', i * 8 + n)}`,
        started: !ofJob,
      })),
      qosClass: 'Burstable',
    };
  }

  const template = (i: number, labels: Fields, restartPolicy: string) => ({
    metadata: { labels },
    spec: podSpec(i, restartPolicy),
  });

  const placed = (what: string, i: number): Name => ({ name: `${what}-${i}`, namespace: namespaceOf(i) });
  const many = (resource: string, count: number, make: (i: number) => Buffer): Generated => ({
    resource,
    count,
    object: make,
  });

  function deployment(i: number): Buffer {
    const replicas = replicasOf(i);
    const spec = {
      replicas,
      selector: { matchLabels: { app: appOf(i) } },
      template: template(i, labelsOf(i), 'Always'),
      strategy: { type: 'RollingUpdate', rollingUpdate: { maxUnavailable: '25%', maxSurge: '25%' } },
      revisionHistoryLimit: 10,
      progressDeadlineSeconds: 600,
    };
    const status = {
      replicas,
      readyReplicas: replicas,
      availableReplicas: replicas,
      conditions: [condition('Available')],
    };
    const meta = { labels: labelsOf(i), annotations: { 'deployment.kubernetes.io/revision': String(revisionsOf(i)) } };
    return object('deployment', i, placed('app', i), 'helm', meta, { spec, status });
  }

  function replicaSet(j: number): Buffer {
    const i = j % size.deployments;
    const revision = Math.floor(j / size.deployments);
    const replicas = revision === revisionsOf(i) - 1 ? replicasOf(i) : 0;
    const hash = hashOf(i, revision);
    const labels = labelsOf(i, hash);
    const spec = {
      replicas,
      selector: { matchLabels: { app: appOf(i), 'pod-template-hash': hash } },
      template: template(i, labels, 'Always'),
    };
    const meta = { labels, ...ownedBy('apps/v1', 'Deployment', 'deployment', i, appOf(i)) };
    const place = { name: replicaSetName(i, revision), namespace: namespaceOf(i) };
    return object('replicaset', j, place, 'kube-controller-manager', meta, {
      spec,
      status: { replicas, readyReplicas: replicas },
    });
  }

  // Services beyond the number of Deployments are second ones of a Deployment, in its namespace.
  const serviceName = (s: number) =>
    s < size.deployments ? appOf(s) : `${appOf(s)}-${Math.floor(s / size.deployments)}`;
  const serviceSpace = (s: number) => namespaceOf(s % size.deployments);

  function service(s: number): Buffer {
    const clusterIP = `10.${40 + (s >> 16)}.${(s >> 8) & 255}.${s & 255}`;
    const spec = {
      ports: [{ name: 'http', protocol: 'TCP', port: 80, targetPort: 'http' }],
      selector: { app: appOf(s) },
      clusterIP,
      clusterIPs: [clusterIP],
      type: 'ClusterIP',
      sessionAffinity: 'None',
    };
    const place = { name: serviceName(s), namespace: serviceSpace(s) };
    return object(
      'service',
      s,
      place,
      'helm',
      { labels: labelsOf(s % size.deployments) },
      { spec, status: { loadBalancer: {} } },
    );
  }

  function endpointSlice(s: number): Buffer {
    const of = s % size.deployments;
    const namespace = namespaceOf(of);
    const endpoints = Array.from({ length: Math.min(100, replicasOf(of)) }, (_, n) => {
      const i = of + n * size.deployments;
      return {
        addresses: [podAddress(i)],
        conditions: { ready: true, serving: true, terminating: false },
        nodeName: nodeName(pick('node', i, size.nodes)),
        targetRef: { kind: 'Pod', namespace, name: podName(i), uid: uid('pod', i) },
      };
    });
    const meta = {
      labels: {
        'kubernetes.io/service-name': serviceName(s),
        'endpointslice.kubernetes.io/managed-by': 'endpointslice-controller.k8s.io',
      },
      ...ownedBy('v1', 'Service', 'service', s, serviceName(s)),
    };
    const rest = { addressType: 'IPv4', endpoints, ports: [{ name: 'http', protocol: 'TCP', port: 8080 }] };
    return object(
      'slice',
      s,
      { name: `${serviceName(s)}-${hex('slice', s).slice(0, 5)}`, namespace },
      'kube-controller-manager',
      meta,
      rest,
    );
  }

  function ingress(i: number): Buffer {
    const s = i % size.services;
    const host = `${serviceName(s)}.${serviceSpace(s)}.example.com`;
    const backend = { service: { name: serviceName(s), port: { name: 'http' } } };
    const spec = {
      ingressClassName: 'nginx',
      tls: [{ hosts: [host], secretName: `secret-${near('secret', s % size.deployments, size.secrets) ?? 0}` }],
      rules: [{ host, http: { paths: [{ path: '/', pathType: 'Prefix', backend }] } }],
    };
    const place = { name: `ingress-${i}`, namespace: serviceSpace(s) };
    return object('ingress', i, place, 'helm', { labels: { app: appOf(s) } }, { spec, status: { loadBalancer: {} } });
  }

  function job(j: number): Buffer {
    const of = j % size.cronJobs;
    const labels = { 'batch.kubernetes.io/controller-uid': uid('job', j), 'job-name': jobName(j) };
    const spec = {
      parallelism: 1,
      completions: 1,
      backoffLimit: 6,
      selector: { matchLabels: { 'batch.kubernetes.io/controller-uid': uid('job', j) } },
      template: template(of, labels, 'Never'),
    };
    const status = { conditions: [condition('Complete')], startTime: created, completionTime: changed, succeeded: 1 };
    const meta = { labels, ...ownedBy('batch/v1', 'CronJob', 'cronjob', of, `task-${of}`) };
    return object('job', j, { name: jobName(j), namespace: namespaceOf(of) }, 'kube-controller-manager', meta, {
      spec,
      status,
    });
  }

  function cronJob(i: number): Buffer {
    const jobTemplate = { metadata: {}, spec: { template: template(i, { task: `task-${i}` }, 'Never') } };
    const spec = { schedule: '*/5 * * * *', concurrencyPolicy: 'Forbid', suspend: false, jobTemplate };
    return object('cronjob', i, placed('task', i), 'helm', {}, { spec, status: { lastScheduleTime: changed } });
  }

  function node(i: number): Buffer {
    const labels = {
      'kubernetes.io/hostname': nodeName(i),
      'kubernetes.io/os': 'linux',
      'topology.kubernetes.io/zone': `zone-${'abc'[i % 3]}`,
      'topology.kubernetes.io/region': 'region-1',
      'node.kubernetes.io/instance-type': 'large',
    };
    const capacity = { cpu: '16', memory: '65536Mi', pods: '110', 'ephemeral-storage': '100Gi' };
    const types = ['MemoryPressure', 'DiskPressure', 'PIDPressure', 'Ready'];
    const conditions = types.map((type) => ({
      ...condition(type, type === 'Ready' ? 'True' : 'False'),
      lastHeartbeatTime: changed,
    }));
    const addresses = [{ type: 'InternalIP', address: `192.168.${i >> 8}.${i & 255}` }];
    const nodeInfo = {
      kernelVersion: '6.12.0',
      kubeletVersion: 'v1.36.0',
      containerRuntimeVersion: 'containerd://2.2.0',
      architecture: 'amd64',
    };
    const images = Array.from({ length: 20 }, (_, n) => ({
      names: [imageName(i * 20 + n, 0)],
      sizeBytes: 90_000_000 + n,
    }));
    const status = { capacity, allocatable: capacity, conditions, addresses, nodeInfo, images };
    return object(
      'node',
      i,
      { name: nodeName(i) },
      'kubelet',
      { labels },
      { spec: { podCIDR: `10.${i >> 8}.${i & 255}.0/24` }, status },
    );
  }

  function claim(i: number): Buffer {
    const spec = {
      accessModes: ['ReadWriteOnce'],
      resources: { requests: { storage: '10Gi' } },
      volumeName: `volume-${i}`,
      storageClassName: 'standard',
    };
    return object(
      'claim',
      i,
      placed('data', i),
      'helm',
      {},
      { spec, status: { phase: 'Bound', capacity: { storage: '10Gi' } } },
    );
  }

  function volume(i: number): Buffer {
    const claimRef = { kind: 'PersistentVolumeClaim', apiVersion: 'v1', ...placed('data', i), uid: uid('claim', i) };
    const spec = {
      capacity: { storage: '10Gi' },
      csi: { driver: 'disk.example.com', volumeHandle: hex('volume', i) },
      accessModes: ['ReadWriteOnce'],
      claimRef,
      persistentVolumeReclaimPolicy: 'Delete',
      storageClassName: 'standard',
    };
    return object('volume', i, { name: `volume-${i}` }, 'provisioner', {}, { spec, status: { phase: 'Bound' } });
  }

  const selectorOf = (i: number) => ({ matchLabels: { app: appOf(i) } });
  const ofDeployment = (what: string, i: number): Name => ({
    name: `${what}-${i}`,
    namespace: namespaceOf(i % size.deployments),
  });
  const ingressOnly = (i: number) => ({
    podSelector: selectorOf(i),
    policyTypes: ['Ingress'],
    ingress: [{ from: [{ podSelector: { matchLabels: { tier: 'web' } } }], ports: [{ port: 8080 }] }],
  });
  const autoscaled = (i: number) => ({
    scaleTargetRef: { apiVersion: 'apps/v1', kind: 'Deployment', name: appOf(i) },
    minReplicas: 1,
    maxReplicas: 10,
  });
  const certificate = (i: number) => Buffer.from(hex('value', i).repeat(4)).toString('base64');

  return [
    many('namespaces', size.namespaces, (i) =>
      object(
        'namespace',
        i,
        { name: namespaceOf(i) },
        'kubectl',
        { labels: { 'kubernetes.io/metadata.name': namespaceOf(i) } },
        {
          spec: { finalizers: ['kubernetes'] },
          status: { phase: 'Active' },
        },
      ),
    ),
    many('nodes', size.nodes, node),
    many('storageclasses.storage.k8s.io', 1, (i) =>
      object(
        'class',
        i,
        { name: 'standard' },
        'kubectl',
        {},
        { provisioner: 'disk.example.com', reclaimPolicy: 'Delete' },
      ),
    ),
    many('csidrivers.storage.k8s.io', 1, (i) =>
      object('driver', i, { name: 'disk.example.com' }, 'helm', {}, { spec: { attachRequired: true } }),
    ),
    many('ingressclasses.networking.k8s.io', 1, (i) =>
      object('ingressclass', i, { name: 'nginx' }, 'helm', {}, { spec: { controller: 'k8s.io/ingress-nginx' } }),
    ),
    many('serviceaccounts', size.serviceAccounts, (i) => object('account', i, placed('account', i), 'kubectl', {}, {})),
    many('configmaps', size.configMaps, (i) =>
      object(
        'config',
        i,
        placed('config', i),
        'helm',
        {},
        { data: { 'app.yaml': `level: info\nworkers: ${i}\n`.repeat(12) } },
      ),
    ),
    many('secrets', size.secrets, (i) =>
      object('secret', i, placed('secret', i), 'helm', {}, { data: { url: certificate(i) }, type: 'Opaque' }),
    ),
    many('persistentvolumes', size.claims, volume),
    many('persistentvolumeclaims', size.claims, claim),
    many('deployments.apps', size.deployments, deployment),
    many('replicasets.apps', size.replicaSets, replicaSet),
    many('cronjobs.batch', size.cronJobs, cronJob),
    many('jobs.batch', size.jobs, job),
    many('pods', size.pods, podObject),
    many('services', size.services, service),
    many('endpointslices.discovery.k8s.io', size.services, endpointSlice),
    many('ingresses.networking.k8s.io', size.ingresses, ingress),
    many('horizontalpodautoscalers.autoscaling', size.autoscalers, (i) =>
      object(
        'autoscaler',
        i,
        ofDeployment('scale', i),
        'helm',
        {},
        { spec: autoscaled(i), status: { currentReplicas: 1 } },
      ),
    ),
    many('poddisruptionbudgets.policy', size.disruptionBudgets, (i) =>
      object(
        'budget',
        i,
        ofDeployment('budget', i),
        'helm',
        {},
        { spec: { minAvailable: 1, selector: selectorOf(i) } },
      ),
    ),
    many('networkpolicies.networking.k8s.io', size.networkPolicies, (i) =>
      object('policy', i, ofDeployment('policy', i), 'helm', {}, { spec: ingressOnly(i) }),
    ),
  ];
}

import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { KubernetesObject } from '../../../src/model.ts';
import {
  redactAnnotations,
  redactArguments,
  redactEnv,
  redacted,
  redactInspect,
  redactObject,
  redactPodSpec,
  redactTree,
} from '../../../src/redact.ts';

const canaries = fc.stringMatching(/^Q[a-z]{12}Q$/);

/** A Pod spec with the canary in every place that may hold a secret. */
function podSpec(canary: string) {
  const container = () => ({
    name: 'main',
    image: 'shop:v1',
    env: [
      { name: 'PLAIN', value: canary },
      { name: 'FROM', valueFrom: { secretKeyRef: { name: 'redis-pass', key: 'password' } } },
    ],
    command: ['/bin/sh', '-c', `export PASSWORD=${canary}; curl -H 'Authorization: Bearer ${canary}' x`, '--token'],
    args: [canary, `--password=${canary}`, '--secret', canary, `amqp://u:${canary}@mq/`],
    livenessProbe: { exec: { command: ['check', '--token', canary] } },
    readinessProbe: { httpGet: { path: `/x?token=${canary}`, httpHeaders: [{ name: 'X-Key', value: canary }] } },
    lifecycle: { preStop: { exec: { command: ['bye', `--api-key=${canary}`] } } },
  });
  return {
    containers: [container()],
    initContainers: [{ ...container(), name: 'init' }],
    ephemeralContainers: [{ ...container(), name: 'debug' }],
    volumes: [
      { name: 'a', csi: { driver: 'd', volumeAttributes: { password: canary } } },
      { name: 'b', secret: { secretName: 'redis-pass' } },
    ],
  };
}

function metadata(canary: string) {
  const copy = JSON.stringify({ spec: { anything: canary } });
  return {
    name: 'it',
    namespace: 'shop',
    annotations: {
      'kubectl.kubernetes.io/last-applied-configuration': copy,
      'example.com/token': canary,
      note: 'kept',
    },
  };
}

const template = (canary: string) => ({ metadata: metadata(canary), spec: podSpec(canary) });

const objects: { readonly [kind: string]: (canary: string) => object } = {
  Pod: (canary) => ({
    apiVersion: 'v1',
    spec: podSpec(canary),
    status: { containerStatuses: [{ name: 'main', lastState: { terminated: { message: `password=${canary}` } } }] },
  }),
  ReplicationController: (canary) => ({ apiVersion: 'v1', spec: { template: template(canary) } }),
  Deployment: (canary) => ({ apiVersion: 'apps/v1', spec: { template: template(canary) } }),
  Job: (canary) => ({ apiVersion: 'batch/v1', spec: { template: template(canary) } }),
  CronJob: (canary) => ({
    apiVersion: 'batch/v1',
    spec: { jobTemplate: { metadata: metadata(canary), spec: { template: template(canary) } } },
  }),
  PodTemplate: (canary) => ({ apiVersion: 'v1', template: template(canary) }),
  ControllerRevision: (canary) => ({ apiVersion: 'apps/v1', data: { spec: { template: template(canary) } } }),
  Secret: (canary) => ({ apiVersion: 'v1', data: { a: canary }, stringData: { b: canary } }),
  Event: (canary) => ({ apiVersion: 'v1', message: `pull https://u:${canary}@x failed` }),
  StorageClass: (canary) => ({ apiVersion: 'storage.k8s.io/v1', parameters: { restuserpassword: canary } }),
  Service: (canary) => ({
    apiVersion: 'serving.knative.dev/v1',
    spec: { template: template(canary), password: canary, url: `https://u:${canary}@x/` },
  }),
  Application: (canary) => ({
    apiVersion: 'argoproj.io/v1alpha1',
    spec: {
      source: {
        helm: { values: `db:\n  password: ${canary}\n`, parameters: [{ name: 'db.password', value: canary }] },
      },
    },
  }),
};

describe('redactObject', () => {
  test.each(Object.keys(objects))('leaves the canary in no byte of a %s', (kind) => {
    fc.assert(
      fc.property(canaries, (canary) => {
        const object = { kind, metadata: metadata(canary), ...objects[kind]?.(canary) } as unknown as KubernetesObject;
        expect(JSON.stringify(object)).toContain(canary);
        redactObject(object);
        expect(JSON.stringify(object)).not.toContain(canary);
      }),
      { numRuns: 20 },
    );
  });

  test('keeps names, references and what is no secret', () => {
    const object = { kind: 'Pod', apiVersion: 'v1', metadata: metadata('Q'), spec: podSpec('Q') };
    redactObject(object);
    const [container] = object.spec.containers;
    expect(container?.env).toEqual([
      { name: 'PLAIN', value: redacted },
      { name: 'FROM', valueFrom: { secretKeyRef: { name: 'redis-pass', key: 'password' } } },
    ]);
    expect(container?.command.slice(0, 2)).toEqual(['/bin/sh', '-c']);
    expect(object.metadata.annotations.note).toBe('kept');
    expect(object.spec.volumes[1]).toEqual({ name: 'b', secret: { secretName: 'redis-pass' } });
  });

  test('keeps the annotations that rules read', () => {
    const annotations = {
      'kubernetes.io/service-account.name': 'default',
      'kubernetes.io/service-account.uid': '0a1b2c3d-0000-4000-8000-000000000000',
      'meta.helm.sh/release-name': 'shop',
      'argocd.argoproj.io/tracking-id': 'shop:apps/Deployment:shop/frontend',
      'nginx.ingress.kubernetes.io/auth-tls-secret': 'shop/tls',
      'eks.amazonaws.com/role-arn': 'arn:aws:iam::123456789012:role/shop',
    };
    const before = { ...annotations };
    redactAnnotations(annotations);
    expect(annotations).toEqual(before);
  });

  test.each([
    ['a copy of an object', '{"apiVersion":"v1","kind":"ConfigMap","data":{"a":"hunter2"}}', true],
    ['an object of another kind', '{"a":"harmless"}', false],
    ['a text that speaks of objects', 'set "kind" and "apiVersion" to harmless', false],
  ])('of any name are removed whole where they hold %s', (_, value, removed) => {
    const annotations = { 'example.com/state': value };
    redactAnnotations(annotations);
    expect(annotations['example.com/state']).toBe(removed ? redacted : value);
  });

  test('takes objects of any shape', () => {
    fc.assert(
      fc.property(fc.constantFrom(...Object.keys(objects)), fc.jsonValue(), (kind, spec) => {
        const object = { kind, apiVersion: 'apps/v1', metadata: { name: 'x' }, spec, status: spec, template: spec };
        redactObject(object);
        expect(object.kind).toBe(kind);
      }),
    );
  });
});

describe('a list of the names of Secrets', () => {
  const listed = (secrets: unknown, apiVersion = 'monitoring.coreos.com/v1') => {
    const object = { apiVersion, kind: 'Prometheus', metadata: { name: 'p' }, spec: { secrets } };
    redactObject(object as never);
    return object.spec.secrets;
  };

  test('stays where an operator is known to list names there', () => {
    expect(listed(['tls', 'db.backup', 'a'])).toEqual(['tls', 'db.backup', 'a']);
  });

  test.each([
    ['a text that cannot be a name', ['tls', 'S3cr3t!']],
    ['a name that is too long', ['x'.repeat(254)]],
    ['a number', ['tls', 7]],
    ['an object', ['tls', { value: 'hunter2' }]],
  ])('is hidden whole with %s in it', (_, secrets) => {
    expect(listed(secrets)).not.toContain('tls');
    expect(JSON.stringify(listed(secrets))).not.toMatch(/S3cr3t|x{254}|7|hunter2/);
  });

  test('is hidden in the kinds of others', () => {
    expect(listed(['tls'], 'example.com/v1')).toEqual([redacted]);
  });
});

describe('redactEnv', () => {
  test('keeps the names of all three forms', () => {
    const env = [{ name: 'A', value: 'x' }, { key: 'B', value: 'y' }, 'C=z=z', 'D'];
    redactEnv(env);
    expect(env).toEqual([{ name: 'A', value: redacted }, { key: 'B', value: redacted }, `C=${redacted}`, 'D']);
  });
});

describe('redactArguments', () => {
  test('takes command and arguments as one line', () => {
    const command = ['server', '--token'];
    const args = ['CANARY', '--verbose', '--secret', '--port', '80'];
    redactArguments(command, args);
    expect([command, args]).toEqual([
      ['server', '--token'],
      [redacted, '--verbose', '--secret', '--port', '80'],
    ]);
  });
});

describe('redactPodSpec', () => {
  test('accepts anything that is no Pod spec', () => {
    for (const spec of [undefined, null, 'text', [], { containers: 'no' }, { containers: [null, 1] }])
      redactPodSpec(spec);
    expect(redactPodSpec({})).toBeUndefined();
  });
});

describe('redactInspect', () => {
  test('leaves the canary in no byte of what Docker says', () => {
    fc.assert(
      fc.property(canaries, (canary) => {
        const labels = {
          'annotation.kubectl.kubernetes.io/last-applied-configuration': `{"x":"${canary}"}`,
          a: 'kept',
        };
        const config = {
          Env: [`A=${canary}`],
          Cmd: ['x', '--password', canary],
          Entrypoint: [`--token=${canary}`],
          Labels: labels,
        };
        const inspect = {
          Id: 'sha256:0123',
          Path: 'sh',
          Args: ['-c', `PASSWORD=${canary} run`],
          Config: config,
          HostConfig: { LogConfig: { Type: 'splunk', Config: { 'splunk-token': canary } } },
          State: { Health: { Log: [{ Output: `token: ${canary}` }] } },
        };
        redactInspect(inspect);
        expect(JSON.stringify(inspect)).not.toContain(canary);
        expect(inspect.Config.Env).toEqual([`A=${redacted}`]);
        expect(inspect.Config.Labels.a).toBe('kept');
      }),
      { numRuns: 20 },
    );
  });
});

describe('a command that a runtime tells twice', () => {
  test.each([
    ['one secret', 'redis-cli', ['redis-cli'], ['-a', 'CANARY']],
    ['a tool that the image brings', 'sshpass', ['sshpass', '-p'], ['CANARY', 'ssh', 'host']],
    ['a secret in the entrypoint', 'mysql', ['mysql', '-pCANARY'], ['shop']],
  ])('has no secret in its parts either: %s', (_, Path, Entrypoint, Cmd) => {
    const inspect = { Path, Args: [...Entrypoint.slice(1), ...Cmd], Config: { Entrypoint, Cmd, CreateCommand: [] } };
    redactInspect(inspect);
    expect(JSON.stringify(inspect)).not.toContain('CANARY');
    expect(inspect.Config.Entrypoint[0]).toBe(Path);
  });
});

describe('recorded answers of a runtime', () => {
  const folder = join(import.meta.dirname, '../../../src/demo/recorded/cri');

  test.each(['ContainerStatus', 'PodSandboxStatus'])('hold no secret after redaction: %s', (name) => {
    const text = readFileSync(join(folder, `${name}.json`), 'utf8');
    const answers = JSON.parse(text) as { readonly [id: string]: unknown };
    const ids = Object.keys(answers);
    expect(ids.length).toBeGreaterThan(0);
    for (const id of ids) redactInspect(answers[id]);
    expect(JSON.stringify(answers)).not.toContain('s3cr3t-value');
  });

  test('did hold one', () => {
    expect(readFileSync(join(folder, 'ContainerStatus.json'), 'utf8')).toContain('s3cr3t-value');
  });
});

describe('redactTree', () => {
  test('walks a map of environment variables, as some custom resources write it', () => {
    const tree = { spec: { env: { PASSWORD: 'CANARY', FROM: { secretKeyRef: { name: 'x' } } } } };
    redactTree(tree);
    expect(tree).toEqual({ spec: { env: { PASSWORD: redacted, FROM: { secretKeyRef: { name: 'x' } } } } });
  });
});

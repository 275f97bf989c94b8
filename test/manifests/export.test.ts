// The CronJob of an export: the program understands its settings.
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { readConfig } from '../../src/settings/config.ts';
import { chartCases, rendering } from '../support/chart.ts';
import { newFolder } from '../support/exporting.ts';
import { composed, type Manifest, objectsOf, settingsOf } from '../support/manifests.ts';

const ofChart = () =>
  objectsOf(rendering(chartCases.find(({ name }) => name === 'export') as (typeof chartCases)[number]));
const sources: readonly (readonly [string, () => Manifest[]])[] = [
  ['the manifests', () => composed(['base', 'rbac/cluster'], ['components/export'])],
  ['the chart', ofChart],
];

interface Job {
  readonly schedule: string;
  readonly concurrencyPolicy: string;
  readonly jobTemplate: {
    readonly spec: {
      readonly backoffLimit: number;
      readonly activeDeadlineSeconds: number;
      readonly template: { readonly spec: PodSpec };
    };
  };
}

interface PodSpec {
  readonly securityContext: { readonly runAsNonRoot: boolean };
  readonly containers: readonly {
    readonly args: string[];
    readonly env: { name: string; value: string }[];
    readonly volumeMounts: { name: string; mountPath: string }[];
    readonly securityContext: object;
  }[];
}

const jobOf = (objects: readonly Manifest[]) =>
  objects.find(({ kind }) => kind === 'CronJob') as unknown as { apiVersion: string; spec: Job };

describe.each(sources)('the CronJob of %s', (_, objects) => {
  test('runs each quarter of an hour, never twice at once, and not for ever', () => {
    const { apiVersion, spec } = jobOf(objects());
    expect([apiVersion, spec.schedule, spec.concurrencyPolicy]).toEqual(['batch/v1', '*/15 * * * *', 'Forbid']);
    const { backoffLimit, activeDeadlineSeconds } = spec.jobTemplate.spec;
    expect([backoffLimit, activeDeadlineSeconds < 900]).toEqual([0, true]);
  });

  test('is restricted: no root, nothing to write to but the spool', () => {
    const pod = jobOf(objects()).spec.jobTemplate.spec.template.spec;
    expect(pod.securityContext.runAsNonRoot).toBe(true);
    expect(pod.containers[0]?.securityContext).toMatchObject({
      readOnlyRootFilesystem: true,
      allowPrivilegeEscalation: false,
      capabilities: { drop: ['ALL'] },
    });
  });

  test('gives settings that the program takes, each under its name', () => {
    const made = objects();
    const { args, env, volumeMounts } = jobOf(made).spec.jobTemplate.spec.template.spec
      .containers[0] as PodSpec['containers'][number];
    const folder = newFolder();
    const files = settingsOf(made);
    expect(Object.keys(files).length).toBeGreaterThan(3);
    for (const [name, text] of Object.entries({ ...files, 'export-override-identity': 'true' }))
      writeFileSync(join(folder, name), text);
    const variables = Object.fromEntries(env.map(({ name, value }) => [name, value]));
    const config = readConfig({ ...variables, CLUSTER_INSIGHT_CONFIG_DIR: folder }, args);
    expect(config).toMatchObject({
      mode: 'export',
      exportTo: 'https://inventory.example.com/clusters',
      exportOverrideIdentity: true,
    });
    const mounted = (path: string | undefined) =>
      volumeMounts.some(({ mountPath }) => path?.startsWith(`${mountPath}/`) || path === mountPath);
    expect(
      [
        config.exportAccessKeyFile,
        config.exportSecretKeyFile,
        config.exportSpool,
        variables['CLUSTER_INSIGHT_CONFIG_DIR'],
      ].map(mounted),
    ).toEqual([true, true, true, true]);
  });
});

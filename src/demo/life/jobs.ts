// The Jobs of a CronJob: starts one now and then, with its Pod, finishes it and removes the oldest.
import type { KubernetesObject } from '../../model.ts';
import { condition, make, ownedBy, suffixOf } from '../seed/make.ts';
import { removePod } from './kubelet.ts';
import { createPod } from './replica-sets.ts';
import { named, ownedObjects, type World } from './world.ts';

const historyLimit = 3;

interface CronJobSpec {
  readonly jobTemplate: {
    readonly spec: { readonly template: { readonly metadata: { readonly labels?: object }; readonly spec: object } };
  };
}

export function startJob(world: World, cronJob: KubernetesObject): void {
  const { name, namespace } = cronJob.metadata;
  const job = `${name}-${Math.floor(Date.parse(world.now()) / 1000)}`;
  const uid = suffixOf(8, job);
  const { template } = (cronJob['spec'] as CronJobSpec).jobTemplate.spec;
  const labels = {
    ...template.metadata.labels,
    'batch.kubernetes.io/controller-uid': uid,
    'batch.kubernetes.io/job-name': job,
  };
  const made = make('batch/v1', 'Job', `${namespace}/${job}`, {
    labels,
    owners: [ownedBy(cronJob)],
    createdAt: world.now(),
    spec: {
      parallelism: 1,
      completions: 1,
      backoffLimit: 6,
      selector: { matchLabels: { 'batch.kubernetes.io/controller-uid': uid } },
      template: { ...template, metadata: { ...template.metadata, labels } },
    },
    status: { startTime: world.now(), active: 1 },
  });
  if (world.server.get(made)) return;
  createPod(world, world.create(made));
  world.server.patch(named(cronJob), { status: { lastScheduleTime: world.now() } });
}

export function reconcileJobs(world: World): void {
  const pods = world.list('pods');
  const jobs = world.list('jobs.batch');
  for (const job of jobs) complete(world, job, ownedObjects(pods, job));
  for (const cronJob of world.list('cronjobs.batch')) forget(world, ownedObjects(jobs, cronJob), pods);
}

function complete(world: World, job: KubernetesObject, pods: readonly KubernetesObject[]): void {
  const { active = 0 } = job['status'] as { active?: number };
  const done = pods.some((pod) => (pod['status'] as { phase?: string }).phase === 'Succeeded');
  if (active === 0 || !done) return;
  const finished = condition('Complete', 'True', { reason: 'CompletionsReached', lastTransitionTime: world.now() });
  world.server.patch(named(job), {
    status: { active: null, succeeded: 1, completionTime: world.now(), conditions: [finished] },
  });
}

function forget(world: World, jobs: readonly KubernetesObject[], pods: readonly KubernetesObject[]): void {
  const done = jobs.filter((job) => (job['status'] as { active?: number }).active === undefined);
  const byAge = done.toSorted((a, b) =>
    (a.metadata.creationTimestamp ?? '') < (b.metadata.creationTimestamp ?? '') ? 1 : -1,
  );
  for (const job of byAge.slice(historyLimit)) {
    for (const pod of ownedObjects(pods, job)) removePod(world, pod);
    world.server.delete(named(job));
  }
}

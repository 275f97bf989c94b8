// Messages of cri.proto as decoded: proto field names, enums as names, 64-bit integers as strings, defaults filled in.

export interface VersionResponse {
  readonly version: string;
  readonly runtime_name: string;
  readonly runtime_version: string;
  readonly runtime_api_version: string;
}

interface Metadata {
  readonly name: string;
  readonly attempt: number;
}

interface Labels {
  readonly [key: string]: string;
}

/** An entry of ListContainers. */
export interface Container {
  readonly id: string;
  readonly pod_sandbox_id: string;
  readonly metadata: Metadata | null;
  readonly image: { readonly image: string } | null;
  readonly image_ref: string;
  readonly image_id: string;
  readonly state: string;
  /** Nanoseconds since the epoch. */
  readonly created_at: string;
  readonly labels: Labels;
}

export interface ContainerStatus {
  readonly id: string;
  readonly metadata: Metadata | null;
  readonly state: string;
  readonly created_at: string;
  readonly started_at: string;
  readonly finished_at: string;
  readonly exit_code: number;
  readonly image: { readonly image: string; readonly user_specified_image?: string } | null;
  readonly image_ref: string;
  readonly image_id: string;
  readonly reason: string;
  readonly message: string;
  readonly labels: Labels;
  readonly annotations: Labels;
  readonly mounts: readonly Mount[];
  readonly log_path: string;
  readonly resources: { readonly linux: LinuxResources | null } | null;
}

export interface Mount {
  readonly container_path: string;
  readonly host_path: string;
  readonly readonly: boolean;
  readonly propagation: string;
}

/** Numbers as strings, and two CPU sets. */
export interface LinuxResources {
  readonly [field: string]: string | undefined;
}

/** Values of a verbose `info` are JSON in the runtime's own form. */
export interface ContainerStatusResponse {
  readonly status: ContainerStatus | null;
  readonly info: { readonly [key: string]: string };
}

export interface Image {
  readonly id: string;
  readonly repo_tags: readonly string[];
  readonly repo_digests: readonly string[];
  readonly size: string;
  /** Set by newer runtimes for images that the kubelet must not garbage-collect. */
  readonly pinned: boolean;
}

export interface ImageStatusResponse {
  readonly image: Image | null;
  readonly info: { readonly [key: string]: string };
}

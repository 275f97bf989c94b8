// Fields of the API that look like references but that no rule reads, each with the reason. The coverage test fails for a field
// that is neither read nor listed, and for unnecessary entries.
export interface Excuse {
  /** Matches `Type path`. */
  readonly of: RegExp;
  readonly reason: string;
}

export function excuseFor(type: string, path: string): string | undefined {
  return excuses.find(({ of }) => of.test(`${type} ${path}`))?.reason;
}

const excuse = (of: RegExp, reason: string): Excuse => ({ of, reason });

export const excuses: readonly Excuse[] = [
  excuse(
    /\.(azureDisk|gcePersistentDisk|flocker|vsphereVolume|quobyte)\./,
    'It names something of the storage itself, which no object of the API stands for.',
  ),
  excuse(
    /\.(azureFile\.shareName|cephfs\.user|iscsi\.initiatorName|rbd\.(image|pool|user)|scaleIO\.(storagePool|volumeName)|storageos\.volumeName(space)?)$/,
    'It names something of the storage itself, which no object of the API stands for.',
  ),
  excuse(/\.azureFile\.secretNamespace$/, 'It is read with the name of the Secret beside it.'),
  excuse(/\.flexVolume\.driver$/, 'A flex driver is a file on the Node and no object.'),
  excuse(
    /\.glusterfs\.endpoints(Namespace)?$/,
    'It names Endpoints, which are not read: GlusterFS was taken out of Kubernetes in 1.26.',
  ),
  excuse(
    / spec\.(jobTemplate\.spec\.)?(selector|manualSelector)$/,
    'What a controller has carries its owner reference; what it will have is its own template.',
  ),
  excuse(/(resourceFieldRef|fieldRef)$/, 'It points at a field of the object itself.'),
  excuse(
    /\.(apiGroups|resourceNames)\[\]$/,
    'It says which requests a rule is about: a right is no dependence, and an access review answers it.',
  ),
  excuse(
    /\.matchConditions\[\]\.name$|\.variables\[\]\.name$|webhooks\[\]\.name$/,
    'It is a name inside the object itself.',
  ),
  excuse(
    /\.objectSelector$/,
    'It looks at the labels of each object of a request: a relation to every object in the cluster would say no more.',
  ),
  excuse(
    /^(APIService spec\.group|CustomResourceDefinition (spec\.names|status\.acceptedNames)\.)/,
    'It is a name of the kind itself.',
  ),
  excuse(
    /^CustomResourceDefinition spec\.versions\[\]\.(additionalPrinterColumns|schema)/,
    'It speaks of the fields of the kind itself.',
  ),
  excuse(
    /^CertificateSigningRequest spec\.groups\[\]$/,
    'They are the groups of the requester, who is named beside them.',
  ),
  excuse(/signerName$/, 'A signer is a word that a controller listens to, and no object.'),
  excuse(/\.onExitCodes\.containerName$/, 'It names a container of the template itself.'),
  excuse(/^CronJob status\.active\[\]$/, 'Its Jobs carry owner references.'),
  excuse(
    /^CSIDriver spec\.serviceAccountTokenInSecrets$|hostUsers$|shareProcessNamespace$|userNamespaces$|qosClass$|bindsToNode$/,
    'It is a switch or a class of service and names nothing.',
  ),
  excuse(
    /^CSIStorageCapacity nodeTopology$/,
    'It says from which Nodes the capacity can be reached, which is a question of scheduling.',
  ),
  excuse(
    /^DeviceClass spec\.(extendedResourceName|selectors)|\.selectors\[\]$/,
    'Devices are chosen by expressions over what drivers tell of them, and are no objects.',
  ),
  excuse(
    /(\.opaque|results\[\]|status\.devices\[\]|ResourceSlice spec)\.(driver|pool)(\.name)?$/,
    'Drivers and pools of devices are words, and no objects.',
  ),
  excuse(
    /^(ResourceClaim|ResourceClaimTemplate) .*requests\[\]\.(firstAvailable\[\]\.)?name$/,
    'It is a name inside the claim itself.',
  ),
  excuse(
    /^ResourceClaim status\.devices\[\]\.networkData\./,
    'It is an interface of a device inside a Pod, not an address of the Pod.',
  ),
  excuse(/^ResourceSlice spec\.(devices|sharedCounters)\[\]\.name$/, 'It is a name inside the slice itself.'),
  excuse(
    /^EndpointSlice endpoints\[\]\.(nodeName|hostname)$/,
    'It says of the endpoint’s Pod what the Pod says itself.',
  ),
  excuse(
    /^EndpointSlice endpoints\[\]\.hints\./,
    'It says from where the endpoint should be reached, for routing close by.',
  ),
  excuse(/^(EndpointSlice|Service spec)[. ]?ports\[\]\.name$/, 'It is the name of a port.'),
  excuse(/^Event /, 'Events are counted on what they are about, and are no part of the graph.'),
  excuse(/^FlowSchema .*namespaces\[\]$/, 'It says which requests a rule is about, not what the schema depends on.'),
  excuse(/^HorizontalPodAutoscaler status\./, 'The status measures again what the spec names.'),
  excuse(
    /^HorizontalPodAutoscaler spec\.metrics\[\]\.(containerResource|external|pods|resource)|\.metric\.(name|selector)$/,
    'A metric is a series of values, and no object.',
  ),
  excuse(
    /^Node (spec\.configSource|status\.config\.)/,
    'Dynamic kubelet configuration was taken out of Kubernetes in 1.24.',
  ),
  excuse(
    /^Node status\.(images|nodeInfo|runtimeHandlers)/,
    'It tells what is installed on the Node; images that run are known from containers.',
  ),
  excuse(/^Node status\.volumesAttached\[\]\.name$/, 'VolumeAttachments say which volumes are attached, by name.'),
  excuse(/^PersistentVolumeClaim spec\.selector$/, 'It says what may be bound; what is bound is named by both.'),
  excuse(
    /^PersistentVolumeClaim status\.(currentVolumeAttributesClassName|modifyVolumeStatus)/,
    'It tells how far the change to the class in the spec has come.',
  ),
  excuse(
    /^Pod spec\.(affinity|topologySpreadConstraints|nodeSelector)/,
    'It says where the Pod may be placed; where it is, `nodeName` says. Each of n Pods would select all n.',
  ),
  excuse(
    /^Pod spec\.(schedulerName|schedulingGates|schedulingGroup)/,
    'It is a word for a scheduler, or names a kind that is not served by default.',
  ),
  excuse(/^Pod spec\.(hostname|hostAliases|dnsConfig|os)/, 'It is written into the Pod’s own files.'),
  excuse(
    /^Pod spec\.(securityContext|containers\[\]\.securityContext|initContainers\[\]\.securityContext|ephemeralContainers\[\]\.securityContext)/,
    'It names users and groups of the operating system.',
  ),
  excuse(/(Users?|supplementalGroups\[\])$|\.user\.linux\./, 'It names users and groups of the operating system.'),
  excuse(
    /^Pod spec\.(resourceClaims|volumes)\[\]\.name$|\.claims\[\]\.(name|request)$|^Pod status\.(resourceClaimStatuses\[\]\.name|extendedResourceClaimStatus\.requestMappings)/,
    'It is a name inside the Pod itself.',
  ),
  excuse(
    /^Pod status\.\w*ontainerStatuses\[\]\./,
    'Containers are resources of their own, and their image is read of them; the rest is a name inside the Pod.',
  ),
  excuse(
    /ontainers\[\]\.(\w+Probe|lifecycle\.\w+)\.\w+\.(host|httpHeaders\[\]\.name)$/,
    'The kubelet asks the Pod itself; another host is not what keeps it alive.',
  ),
  excuse(
    /\.(ports|env|volumeMounts|volumeDevices)\[\]\.name$|ontainers\[\]\.(name|image)$/,
    'It is a name inside the Pod itself; the image is read of the status, where it has its digest.',
  ),
  excuse(/\.fileKeyRef\.volumeName$|\.fileKeyRef$/, 'It points at a file of a volume of the Pod itself.'),
  excuse(
    /volumeClaimTemplate\.spec\.(selector|volumeName|dataSource|dataSourceRef)$/,
    'The claim that is made of it says it again.',
  ),
  excuse(/volumeClaimTemplates\[\]\.status\./, 'The status of a template is never filled in.'),
  excuse(/^Pod status\.hostIPs?(\[\]\.ip)?$/, 'It is the address of the Node that the Pod names.'),
  excuse(
    /^ResourceQuota spec\.scopeSelector$/,
    'It says which Pods count, by classes of priority; the quota limits its Namespace.',
  ),
  excuse(
    /^Service spec\.loadBalancer(Class|IP)$/,
    'It is a wish to a cloud’s controller; what came of it is in the status.',
  ),
  excuse(
    /inlineVolumeSpec\.(claimRef|nodeAffinity)/,
    'A volume that is written out in an attachment is that of a Pod, and bound to no claim.',
  ),
];

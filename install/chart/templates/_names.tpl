{{- define "insight.name" -}}
{{ .Values.nameOverride | default .Chart.Name | trunc 52 | trimSuffix "-" }}
{{- end }}

{{- define "insight.fullname" -}}
{{- $name := include "insight.name" . -}}
{{- if .Values.fullnameOverride -}}
{{ .Values.fullnameOverride | trunc 52 | trimSuffix "-" }}
{{- else if contains $name .Release.Name -}}
{{ .Release.Name | trunc 52 | trimSuffix "-" }}
{{- else -}}
{{ printf "%s-%s" .Release.Name $name | trunc 52 | trimSuffix "-" }}
{{- end -}}
{{- end }}

{{- define "insight.master" -}}
{{ .Values.serviceAccount.name | default (printf "%s-master" (include "insight.fullname" .)) }}
{{- end }}

{{- /* The Lease of the master that publishes. */ -}}
{{- define "insight.publisher" -}}
{{ include "insight.fullname" . }}-publisher
{{- end }}

{{- define "insight.minion" -}}
{{ .Values.minion.serviceAccount.name | default (printf "%s-minion" (include "insight.fullname" .)) }}
{{- end }}

{{- define "insight.export" -}}
{{ .Values.export.serviceAccount.name | default (printf "%s-export" (include "insight.fullname" .)) }}
{{- end }}

{{- define "insight.actor" -}}
{{ .Values.actor.serviceAccount.name | default (printf "%s-actor" (include "insight.fullname" .)) }}
{{- end }}

{{- define "insight.image" -}}
{{- with .Values.image -}}
{{ if .registry }}{{ .registry }}/{{ end }}{{ .repository }}:{{ .tag | default $.Chart.AppVersion }}
{{- end -}}
{{- end }}

{{- define "insight.tokenSecret" -}}
{{ .Values.minion.token.existingSecret | default (printf "%s-minion-token" (include "insight.fullname" .)) }}
{{- end }}

{{- define "insight.tlsSecret" -}}
{{ .Values.minion.tls.existingSecret | default (printf "%s-minion-tls" (include "insight.fullname" .)) }}
{{- end }}

{{- /* Minions of a version without TLS are there: for one roll-out both are answered. */ -}}
{{- define "insight.plainToo" -}}
{{- $there := lookup "apps/v1" "DaemonSet" .Release.Namespace (printf "%s-minion" (include "insight.fullname" .)) | default dict -}}
{{- range (dig "spec" "template" "spec" "containers" (list) $there) -}}
{{- if ne (dig "readinessProbe" "httpGet" "scheme" "HTTP" .) "HTTPS" }}yes{{ end -}}
{{- end -}}
{{- end }}

{{- /* Names outside of the namespace begin with it: two releases must not share one. */ -}}
{{- define "insight.global" -}}
{{ .Release.Namespace }}:{{ include "insight.fullname" . }}
{{- end }}

{{- define "insight.clientSecret" -}}
{{ .Values.auth.clientTokens.existingSecret | default (printf "%s-client-tokens" (include "insight.fullname" .)) }}
{{- end }}

{{- define "insight.auth" -}}
{{ .Values.auth.mode | default (ternary "token" "kubernetes" (not (empty .Values.namespaces))) }}
{{- end }}

{{- /* Call with (dict "root" $ "component" "master"). */ -}}
{{- define "insight.selector" -}}
app.kubernetes.io/name: {{ include "insight.name" .root }}
app.kubernetes.io/instance: {{ .root.Release.Name }}
app.kubernetes.io/component: {{ .component }}
{{- end }}

{{- define "insight.labels" -}}
{{ include "insight.selector" . }}
app.kubernetes.io/version: {{ .root.Chart.AppVersion | quote }}
app.kubernetes.io/part-of: cluster-insight
cluster-insight.io/installed-in: {{ .root.Release.Namespace | quote }}
app.kubernetes.io/managed-by: {{ .root.Release.Service }}
helm.sh/chart: {{ printf "%s-%s" .root.Chart.Name .root.Chart.Version | replace "+" "_" }}
{{- end }}

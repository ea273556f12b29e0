#!/usr/bin/env bash
# Makes the backups of prod now instead of by their schedules, and waits for them.
set -euo pipefail

CONTEXT='spotify-ai-agent-prod'
ENVIRONMENT='prod'
DRY_RUN=false
TENANT=

say() { printf '%s\n' "$*" >&2; }
die() { say "error: $*"; exit 1; }

# Every command names the context: another shell may change the current one while this runs.
kube() { kubectl --context "$CONTEXT" "$@"; }

# A command that changes the cluster.
change() {
    if [[ $DRY_RUN == true ]]; then
        say "would run: kubectl --context $CONTEXT $*"
        # Whoever writes into a pipe that nobody reads fails.
        [[ ${*: -1} != - ]] || cat >/dev/null
    else
        kube "$@"
    fi
}

# Whoever works with another cluster at the moment has to say that it is this one that is meant.
require_context() {
    command -v kubectl >/dev/null || die "kubectl is not installed"
    local current
    current=$(kubectl config current-context 2>/dev/null) || die "no context is current; this script is for $CONTEXT"
    [[ $current == "$CONTEXT" ]] ||
        die "the current context is $current, but this script is for $CONTEXT: kubectl config use-context $CONTEXT"
}

# The tenants that were asked for: one, or all of this environment that are on the cluster, one a line.
tenants() {
    if [[ -n $TENANT ]]; then
        printf '%s\n' "$TENANT"
    else
        kube get namespaces --selector "tenantctl.dev/environment=$ENVIRONMENT,tenantctl.dev/tenant" \
            --output 'jsonpath={range .items[*]}{.metadata.name}{"\n"}{end}'
    fi
}

# Whether the cluster has a kind, named in plural with its group.
knows() { kube get customresourcedefinition "$1" >/dev/null 2>&1; }

# Reads a value behind an option.
operand() {
    [[ $# -ge 2 && -n $2 && $2 != -* ]] || die "$1 needs a value"
}

# A tenant's id, before it becomes a part of a path or of a command.
require_id() {
    [[ $1 =~ ^[a-z0-9]([-a-z0-9]*[a-z0-9])?$ ]] || die "'$1' is no tenant's id"
}

TIMEOUT='10m'
SAVE=
STAMP=$(date -u +%Y%m%d%H%M%S)
FAILURES=0

usage() {
    cat <<'END'
usage: backup.sh [--tenant ID] [--save DIR] [--dry-run]

Runs what is scheduled: databases of CloudNativePG, and schedules of Velero for this environment unless a tenant is
named. Where none of the two is on the cluster there is nothing to run.

  --tenant ID   only the databases of this tenant
  --save DIR    also write the tenants' objects to DIR, one file a tenant; no Secrets
  --dry-run     say what would be changed, and change nothing
END
}

fail() { say "failed: $*"; FAILURES=$((FAILURES + 1)); }

# Creates an object that is written to standard input, and waits until a field of it has a value.
run_and_wait() {
    local namespace=$1 resource=$2 condition=$3
    if ! change create --filename -; then
        fail "$namespace: $resource could not be made"
    elif ! change wait --for "$condition" --timeout "$TIMEOUT" --namespace "$namespace" "$resource" </dev/null; then
        fail "$namespace: $resource did not end well within $TIMEOUT"
    fi
}

databases() {
    local namespace=$1 name cluster method plugin backup object
    while IFS=$'\t' read -r name cluster method plugin; do
        [[ -n $name ]] || continue
        backup=$name-$STAMP
        object=$(printf '{"apiVersion":"postgresql.cnpg.io/v1","kind":"Backup","metadata":{"name":"%s","namespace":"%s"},"spec":{"cluster":{"name":"%s"},"method":"%s"%s}}' \
            "$backup" "$namespace" "$cluster" "${method:-barmanObjectStore}" "${plugin:+,\"pluginConfiguration\":$plugin}")
        # Not the right side of a pipe: what fails there would not be counted.
        run_and_wait "$namespace" "backups.postgresql.cnpg.io/$backup" 'jsonpath={.status.phase}=completed' <<<"$object"
    done < <(kube get scheduledbackups.postgresql.cnpg.io --namespace "$namespace" --output \
        'jsonpath={range .items[*]}{.metadata.name}{"\t"}{.spec.cluster.name}{"\t"}{.spec.method}{"\t"}{.spec.pluginConfiguration}{"\n"}{end}')
}

schedules() {
    local namespace name template backup object
    while IFS=$'\t' read -r namespace name template; do
        [[ -n $name && -n $template ]] || continue
        backup=$name-$STAMP
        object=$(printf '{"apiVersion":"velero.io/v1","kind":"Backup","metadata":{"name":"%s","namespace":"%s","labels":{"velero.io/schedule-name":"%s"}},"spec":%s}' \
            "$backup" "$namespace" "$name" "$template")
        run_and_wait "$namespace" "backups.velero.io/$backup" 'jsonpath={.status.phase}=Completed' <<<"$object"
    done < <(kube get schedules.velero.io --all-namespaces --selector "tenantctl.dev/environment=$ENVIRONMENT" --output \
        'jsonpath={range .items[*]}{.metadata.namespace}{"\t"}{.metadata.name}{"\t"}{.spec.template}{"\n"}{end}')
}

save() {
    local namespace=$1
    if [[ $DRY_RUN == true ]]; then
        say "would write: $SAVE/$namespace.yaml"
    else
        kube get deployments,statefulsets,services,ingresses,configmaps,horizontalpodautoscalers,poddisruptionbudgets,networkpolicies,resourcequotas,limitranges,serviceaccounts,roles,rolebindings \
            --namespace "$namespace" --output yaml >"$SAVE/$namespace.yaml"
    fi
}

while [[ $# -gt 0 ]]; do
    case $1 in
        --tenant) operand "$@"; require_id "$2"; TENANT=$2; shift ;;
        --save) operand "$@"; SAVE=$2; shift ;;
        --dry-run) DRY_RUN=true ;;
        --help) usage; exit 0 ;;
        *) usage >&2; die "unknown argument: $1" ;;
    esac
    shift
done

require_context
NAMESPACES=$(tenants)
[[ -n $NAMESPACES ]] || die "no tenant of $ENVIRONMENT is on $CONTEXT"
if [[ -n $SAVE && $DRY_RUN == false ]]; then
    mkdir -p -- "$SAVE"
fi
POSTGRESQL=false
if knows scheduledbackups.postgresql.cnpg.io; then POSTGRESQL=true; fi
for namespace in $NAMESPACES; do
    if [[ -n $SAVE ]]; then save "$namespace"; fi
    if [[ $POSTGRESQL == true ]]; then databases "$namespace"; fi
done
if [[ -z $TENANT ]] && knows schedules.velero.io; then
    schedules
fi
[[ $FAILURES -eq 0 ]] || die "backups that failed: $FAILURES"
say "backed up"

#!/usr/bin/env bash
# Says what of staging is not healthy. Changes nothing.
set -euo pipefail

CONTEXT='spotify-ai-agent-staging'
ENVIRONMENT='staging'
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

APPLICATION='ai-agent'
PLATFORM_NAMESPACE='platform-system'
NODES='3'
FAILURES=0

usage() {
    cat <<'END'
usage: health_check.sh [--tenant ID]

Nodes, the platform's pods, and each tenant's workloads. The exit code is 1 if anything is not as it must be.

  --tenant ID   only this tenant
END
}

fail() { say "unhealthy: $*"; FAILURES=$((FAILURES + 1)); }

# Nodes that are ready, of as many as the cluster is built with.
check_nodes() {
    local ready
    ready=$(kube get nodes --output \
        'jsonpath={range .items[*]}{.status.conditions[?(@.type=="Ready")].status}{"\n"}{end}' | grep -c '^True$' || true)
    if [[ $ready -lt $NODES ]]; then
        fail "$ready of $NODES nodes are ready"
    fi
}

# Workloads of a namespace that have fewer available replicas than they want.
check_workloads() {
    local namespace=$1 kind name wanted available
    while IFS=$'\t' read -r kind name wanted available; do
        [[ -n $name ]] || continue
        if [[ ${available:-0} -lt ${wanted:-0} ]]; then
            fail "$namespace: $kind/$name has ${available:-0} of $wanted replicas"
        fi
    done < <(kube get deployments,statefulsets --namespace "$namespace" --output \
        'jsonpath={range .items[*]}{.kind}{"\t"}{.metadata.name}{"\t"}{.spec.replicas}{"\t"}{.status.availableReplicas}{"\n"}{end}')
}

# Pods that cannot start, or that start again and again.
check_pods() {
    local namespace=$1 name reasons
    while IFS=$'\t' read -r name reasons; do
        [[ -n $reasons ]] || continue
        case $reasons in
            *CrashLoopBackOff* | *ImagePull* | *CreateContainer*) fail "$namespace: pod/$name waits: $reasons" ;;
            *) ;;
        esac
    done < <(kube get pods --namespace "$namespace" --output \
        'jsonpath={range .items[*]}{.metadata.name}{"\t"}{.status.containerStatuses[*].state.waiting.reason}{"\n"}{end}')
}

while [[ $# -gt 0 ]]; do
    case $1 in
        --tenant) operand "$@"; require_id "$2"; TENANT=$2; shift ;;
        # Nothing is changed anyway; who runs all scripts with it need not know.
        --dry-run) ;;
        --help) usage; exit 0 ;;
        *) usage >&2; die "unknown argument: $1" ;;
    esac
    shift
done

require_context
if [[ -z $TENANT ]]; then
    check_nodes
    check_workloads "$PLATFORM_NAMESPACE"
    check_pods "$PLATFORM_NAMESPACE"
fi
# Not the right side of a pipe: what is counted there would be lost.
NAMESPACES=$(tenants)
COUNT=0
for namespace in $NAMESPACES; do
    COUNT=$((COUNT + 1))
    kube get deployment "$APPLICATION" --namespace "$namespace" >/dev/null 2>&1 ||
        kube get deployment "$APPLICATION-blue" --namespace "$namespace" >/dev/null 2>&1 ||
        kube get rollouts.argoproj.io "$APPLICATION" --namespace "$namespace" >/dev/null 2>&1 ||
        fail "$namespace: there is no $APPLICATION"
    check_workloads "$namespace"
    check_pods "$namespace"
done
[[ $COUNT -gt 0 ]] || die "no tenant of $ENVIRONMENT is on $CONTEXT"
[[ $FAILURES -eq 0 ]] || die "findings: $FAILURES; tenants looked at: $COUNT"
say "healthy; tenants looked at: $COUNT"

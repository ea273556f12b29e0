#!/usr/bin/env bash
# Asks whether prod could move to its standby cluster now. Changes nothing.
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

# The rendered environment that this file is a part of.
OUTPUT=$(cd -- "$(dirname -- "${BASH_SOURCE[0]}")/../../.." && pwd)
STANDBY='spotify-ai-agent-standby'
OVERRIDE='disaster_recovery'
MAX_AGE_HOURS='26'
NODES='6'
FAILURES=0

usage() {
    cat <<'END'
usage: dr_test.sh [--tenant ID]

The standby cluster answers and has nodes; it would take what was rendered for it; every database that is backed up
has a backup that is young enough. The exit code is 1 if anything is not so.

  --tenant ID   only this tenant
END
}

fail() { say "not ready: $*"; FAILURES=$((FAILURES + 1)); }
standby() { kubectl --context "$STANDBY" "$@"; }

check_standby() {
    local ready
    standby get --raw /readyz >/dev/null || die "the standby cluster $STANDBY does not answer"
    ready=$(standby get nodes --output \
        'jsonpath={range .items[*]}{.status.conditions[?(@.type=="Ready")].status}{"\n"}{end}' | grep -c '^True$' || true)
    if [[ $ready -lt $NODES ]]; then
        fail "$STANDBY has $ready ready nodes, $CONTEXT is built with $NODES"
    fi
}

# Whether the standby cluster would take what is rendered for it.
check_manifest() {
    local name=$1 manifest=$2/$1/manifest.yaml mode=client
    if [[ ! -f $manifest ]]; then
        fail "$manifest is missing: render the environment with its override $OVERRIDE"
        return
    fi
    # Only in a namespace that is there can the server be asked.
    if [[ $name == _environment ]] || standby get namespace "$name" >/dev/null 2>&1; then
        mode=server
    fi
    standby apply --dry-run="$mode" --validate=strict --filename "$manifest" >/dev/null ||
        fail "$STANDBY would not take $name"
}

# Whether the newest backup of each database of a tenant is young enough.
check_backups() {
    local namespace=$1 cluster stopped newest now
    now=$(date -u +%s)
    for cluster in $(kube get scheduledbackups.postgresql.cnpg.io --namespace "$namespace" --output 'jsonpath={.items[*].spec.cluster.name}'); do
        newest=$(kube get backups.postgresql.cnpg.io --namespace "$namespace" --output \
            "jsonpath={range .items[?(@.spec.cluster.name==\"$cluster\")]}{.status.phase}{\" \"}{.status.stoppedAt}{\"\\n\"}{end}" |
            awk '$1 == "completed" { print $2 }' | sort | tail -n 1)
        if [[ -z $newest ]]; then
            fail "$namespace: $cluster has no backup"
            continue
        fi
        stopped=$(date -u -d "$newest" +%s)
        if [[ $((now - stopped)) -gt $((MAX_AGE_HOURS * 3600)) ]]; then
            fail "$namespace: the newest backup of $cluster is of $newest"
        fi
    done
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
check_standby
RENDERED=$(dirname -- "$OUTPUT")/$ENVIRONMENT+$OVERRIDE
NAMESPACES=$(tenants)
[[ -n $NAMESPACES ]] || die "no tenant of $ENVIRONMENT is on $CONTEXT"
POSTGRESQL=false
if knows scheduledbackups.postgresql.cnpg.io; then POSTGRESQL=true; fi
if [[ -z $TENANT ]]; then check_manifest _environment "$RENDERED"; fi
for namespace in $NAMESPACES; do
    check_manifest "$namespace" "$RENDERED"
    if [[ $POSTGRESQL == true ]]; then check_backups "$namespace"; fi
done
[[ $FAILURES -eq 0 ]] || die "$ENVIRONMENT could not move to $STANDBY; reasons: $FAILURES"
say "$ENVIRONMENT could move to $STANDBY"

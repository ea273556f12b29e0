#!/usr/bin/env bash
# Puts on the cluster what prod has once, before its tenants.
set -euo pipefail

CONTEXT='spotify-ai-agent-standby'
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

PLATFORM_NAMESPACE='platform-system'
TIMEOUT='10m'
# The rendered environment that this file is a part of.
OUTPUT=$(cd -- "$(dirname -- "${BASH_SOURCE[0]}")/../../.." && pwd)

usage() {
    cat <<'END'
usage: setup.sh [--dry-run]

Applies the environment's own objects and waits for the platform's namespace. It may be run again.

  --dry-run   say what would be changed, and change nothing
END
}

while [[ $# -gt 0 ]]; do
    case $1 in
        --dry-run) DRY_RUN=true ;;
        --help) usage; exit 0 ;;
        *) usage >&2; die "unknown argument: $1" ;;
    esac
    shift
done

require_context
MANIFEST=$OUTPUT/_environment/manifest.yaml
[[ -f $MANIFEST ]] || die "$MANIFEST is missing: render the environment with -o"
kube auth can-i create namespaces --quiet || die "you may not create namespaces on $CONTEXT"
change apply --server-side --field-manager tenantctl --filename "$MANIFEST"
change wait --for 'jsonpath={.status.phase}=Active' --timeout "$TIMEOUT" "namespace/$PLATFORM_NAMESPACE"
# Admission policies take a moment; what is applied before they work is not checked by them.
say "$ENVIRONMENT is set up; deploy.sh --all brings its tenants"

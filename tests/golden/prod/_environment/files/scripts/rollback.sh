#!/usr/bin/env bash
# Brings a tenant of prod back to a version that ran before.
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

APPLICATION='ai-agent'
TIMEOUT='10m'
VERSION=

usage() {
    cat <<'END'
usage: rollback.sh --tenant ID [--to-version TAG] [--dry-run]

The application alone goes back; its configuration and everything else stay. Render and deploy afterwards with the
version you want, or the next deployment brings the newer one again.

  --tenant ID        whose application
  --to-version TAG   the image's tag; without one, the version before
  --dry-run          say what would be changed, and change nothing
END
}

# The newest revision that ran an image with a tag.
revision_of() {
    kube get replicasets --namespace "$TENANT" --selector "app.kubernetes.io/name=$APPLICATION,app.kubernetes.io/instance=$TENANT" \
        --output 'jsonpath={range .items[*]}{.metadata.annotations.deployment\.kubernetes\.io/revision}{"\t"}{.spec.template.spec.containers[0].image}{"\n"}{end}' |
        awk -F '\t' -v tag="$1" '
            { image = $2; sub(/@.*/, "", image); count = split(image, part, ":") }
            count > 1 && part[count] == tag && $1 + 0 > newest { newest = $1 + 0 }
            END { if (newest) print newest }'
}

while [[ $# -gt 0 ]]; do
    case $1 in
        --tenant) operand "$@"; require_id "$2"; TENANT=$2; shift ;;
        --to-version) operand "$@"; VERSION=$2; shift ;;
        --dry-run) DRY_RUN=true ;;
        --help) usage; exit 0 ;;
        *) usage >&2; die "unknown argument: $1" ;;
    esac
    shift
done
[[ -n $TENANT ]] || die "name a tenant with --tenant"

require_context
kube get deployment "$APPLICATION" --namespace "$TENANT" --output name >/dev/null ||
    die "$TENANT: a Rollout goes back with 'kubectl argo rollouts undo $APPLICATION', two colours by naming the other one"
UNDO=(rollout undo "deployment/$APPLICATION" --namespace "$TENANT")
if [[ -n $VERSION ]]; then
    REVISION=$(revision_of "$VERSION")
    [[ -n $REVISION ]] || die "$TENANT never ran version $VERSION, or its revision is no longer kept"
    UNDO+=(--to-revision "$REVISION")
fi
change "${UNDO[@]}"
change rollout status "deployment/$APPLICATION" --namespace "$TENANT" --timeout "$TIMEOUT"
# What a blue-green deployment may have left in the middle.
change patch service "$APPLICATION" --namespace "$TENANT" --type merge \
    --patch '{"spec":{"selector":{"tenantctl.dev/colour":null}}}'
change delete deployment "$APPLICATION-next" --namespace "$TENANT" --ignore-not-found
say "$TENANT: back${VERSION:+ to $VERSION}"

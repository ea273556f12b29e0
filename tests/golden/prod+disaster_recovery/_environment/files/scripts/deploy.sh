#!/usr/bin/env bash
# Brings rendered tenants of prod to the cluster.
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

APPLICATION='ai-agent'
TIMEOUT='10m'
# The rendered environment that this file is a part of.
OUTPUT=$(cd -- "$(dirname -- "${BASH_SOURCE[0]}")/../../.." && pwd)
STRATEGY='blue-green'
# Not `-green`: a tenant with two tracks has one of that name.
GREEN=$APPLICATION-next
ALL=false

usage() {
    cat <<'END'
usage: deploy.sh (--tenant ID | --all) [--strategy rolling|blue-green] [--dry-run]

rolling      applies the manifests and waits; a rollout that fails is undone.
blue-green   starts the new version beside the old one, lets it prove itself, gives it all requests at one
             instant, renews the old one without any, and gives the requests back. It needs room in the
             tenant's quota for both. Where the manifests say how a version comes, as rolling does it.

  --tenant ID       only this tenant
  --all             every tenant that is rendered, one after the other; the first failure ends it
  --strategy NAME   instead of the environment's usual one
  --dry-run         say what would be changed, and change nothing
END
}

# The documents of a kind in a manifest, all or those of one name. They begin with ---, have their kind in the first column
# and their name in the third.
documents() {
    awk -v kind="kind: $2" -v name="${3:-}" '
        function flush() { if (found && named) printf "%s", text; text = ""; found = 0; named = name == "" }
        /^---$/ { flush() }
        { text = text $0 "\n"; if ($0 == kind) found = 1; if ($0 == "  name: " name) named = 1 }
        END { flush() }' "$1"
}

# The names of the objects of a kind in a manifest.
names() { documents "$1" "$2" | awk '/^  name: / { print $2 }'; }

apply() { change apply --server-side --field-manager tenantctl --filename "$1"; }

rollout_status() { change rollout status "deployment/$2" --namespace "$1" --timeout "$TIMEOUT"; }

# Which pods get the requests: those of one colour, or (null) all.
route() {
    change patch service "$APPLICATION" --namespace "$1" --type merge \
        --patch "{\"spec\":{\"selector\":{\"tenantctl.dev/colour\":$2}}}"
}

remove_green() { change delete deployment "$GREEN" --namespace "$1" --ignore-not-found --wait=false; }

rolling() {
    local tenant=$1 manifest=$2 name
    apply "$manifest"
    for name in $(names "$manifest" Deployment); do
        if ! rollout_status "$tenant" "$name"; then
            change rollout undo "deployment/$name" --namespace "$tenant" ||
                die "$tenant: the rollout of $name failed, and there is nothing to go back to"
            die "$tenant: the rollout of $name failed and was undone"
        fi
    done
    # Argo Rollouts measures, goes on and goes back by itself, and may wait for somebody for days.
    for name in $(names "$manifest" Rollout); do
        say "$tenant: Argo Rollouts goes on; to watch it: kubectl argo rollouts get rollout $name --namespace $tenant --watch"
    done
}

blue_green() {
    local tenant=$1 manifest=$2 replicas green
    # How two versions take turns may be a part of the manifests already.
    if [[ $(names "$manifest" Deployment | grep -c -x -e "$APPLICATION" -e "$APPLICATION-blue" -e "$APPLICATION-green" || true) != 1 ||
        -z $(documents "$manifest" Deployment "$APPLICATION") || -n $(documents "$manifest" Rollout) ]]; then
        rolling "$tenant" "$manifest"
        return
    fi
    # The first time there is nothing beside which to start.
    if ! replicas=$(kube get deployment "$APPLICATION" --namespace "$tenant" --output 'jsonpath={.spec.replicas}' 2>/dev/null); then
        rolling "$tenant" "$manifest"
        return
    fi
    # What the new pods need besides themselves, such as their configuration, has to be there first; the old pods have read theirs.
    documents "$manifest" ConfigMap | change apply --server-side --field-manager tenantctl --filename -
    green=$(documents "$manifest" Deployment "$APPLICATION" | kube patch --local --filename - --type json --output yaml --patch "[
        {\"op\": \"replace\", \"path\": \"/metadata/name\", \"value\": \"$GREEN\"},
        {\"op\": \"add\", \"path\": \"/spec/replicas\", \"value\": $replicas},
        {\"op\": \"add\", \"path\": \"/spec/selector/matchLabels/tenantctl.dev~1colour\", \"value\": \"green\"},
        {\"op\": \"add\", \"path\": \"/spec/template/metadata/labels/tenantctl.dev~1colour\", \"value\": \"green\"}]")
    printf '%s\n' "$green" | change apply --server-side --field-manager tenantctl-green --filename -
    if ! rollout_status "$tenant" "$GREEN"; then
        remove_green "$tenant"
        die "$tenant: the new version did not become ready; the old one still has all requests"
    fi
    route "$tenant" '"green"'
    apply "$manifest"
    if ! rollout_status "$tenant" "$APPLICATION"; then
        die "$tenant: $GREEN has all requests and stays, since $APPLICATION could not be renewed; rollback.sh --tenant $tenant ends it"
    fi
    route "$tenant" null
    remove_green "$tenant"
}

deploy() {
    local tenant=$1 manifest=$OUTPUT/$1/manifest.yaml
    [[ -f $manifest ]] || die "$manifest is missing: render the environment with -o"
    say "$tenant: $STRATEGY"
    case $STRATEGY in
        rolling) rolling "$tenant" "$manifest" ;;
        *) blue_green "$tenant" "$manifest" ;;
    esac
}

while [[ $# -gt 0 ]]; do
    case $1 in
        --tenant) operand "$@"; require_id "$2"; TENANT=$2; shift ;;
        --all) ALL=true ;;
        --strategy) operand "$@"; STRATEGY=$2; shift ;;
        --dry-run) DRY_RUN=true ;;
        --help) usage; exit 0 ;;
        *) usage >&2; die "unknown argument: $1" ;;
    esac
    shift
done
[[ $STRATEGY == rolling || $STRATEGY == blue-green ]] || die "there is no strategy $STRATEGY: rolling or blue-green"
[[ $ALL == true || -n $TENANT ]] || die "name a tenant with --tenant, or all of them with --all"
[[ $ALL == false || -z $TENANT ]] || die "--tenant and --all do not go together"

require_context
if [[ $ALL == false ]]; then
    deploy "$TENANT"
    exit 0
fi
for manifest in "$OUTPUT"/[!_]*/manifest.yaml; do
    [[ -f $manifest ]] || die "no tenant is rendered in $OUTPUT"
    deploy "$(basename -- "$(dirname -- "$manifest")")"
done

#!/usr/bin/env bash
# The same work side by side: tenantctl and what is installed of kubectl kustomize, jrsonnet and a Python script.
#
#   benches/compare.sh [TENANTS] [RUNS]        100 tenants and 5 runs unless told
#
# Each makes the objects of the same workspace, for prod with high_availability; that their outputs are the same as data
# is checked before anything is timed. Times are of whole processes. No time makes it fail; a difference of the
# outputs does. What is not installed is left out.
set -euo pipefail
cd "$(dirname "$0")/.."

tenants=${1:-100}
runs=${2:-5}
if ((tenants < 1 || runs < 5)); then
    printf 'at least one tenant and five runs\n' >&2
    exit 2
fi

scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT
work=$scratch/workspace
export LC_ALL=C TIMEFORMAT='%R %U %S'

printf 'building\n' >&2
cargo build --release --locked --quiet
cargo run --release --locked --quiet --example generate -- --tenants "$tenants" --out "$work"
program=${CARGO_TARGET_DIR:-target}/release/tenantctl

names=()
declare -A walls cpus

# What each runs, with its output in a file.
run_tenantctl() { "$program" -C "$work" render prod --override high_availability >"$scratch/tenantctl"; }
run_python() { python3 benches/compare.py render "$work" prod high_availability >"$scratch/python"; }
run_jrsonnet() { jrsonnet "$scratch/jsonnet.d/main.jsonnet" >"$scratch/jrsonnet"; }
run_kustomize() { kubectl kustomize "$scratch/kustomize.d" >"$scratch/kustomize"; }

skip() { printf '%s is left out: %s\n' "$1" "$2" >&2; }

# The middle one of the numbers on standard input.
median() { sort -n | awk '{ n[NR] = $1 } END { print NR % 2 ? n[(NR + 1) / 2] : (n[NR / 2] + n[NR / 2 + 1]) / 2 }'; }

# Runs one of them once to compare its output, then as often as asked for.
measure() {
    local name=$1 time
    "run_$name"
    if [[ $name != tenantctl ]] && $have_python; then
        python3 benches/compare.py same "$scratch/tenantctl" "$scratch/$name"
    fi
    for ((run = 0; run < runs; run++)); do
        time=$({ time "run_$name" 2>"$scratch/stderr"; } 2>&1)
        awk '{ print $1 }' <<<"$time" >>"$scratch/$name.wall"
        awk '{ print $2 + $3 }' <<<"$time" >>"$scratch/$name.cpu"
    done
    names+=("$name")
    walls[$name]=$(median <"$scratch/$name.wall")
    cpus[$name]=$(median <"$scratch/$name.cpu")
}

have_python=false
if ! command -v python3 >/dev/null; then
    skip "everything else" "python3 is not installed, which compares the outputs"
elif ! python3 -c 'import jinja2, jsonschema, yaml; yaml.CSafeLoader' 2>/dev/null; then
    skip "everything else" "python3 has no jinja2, jsonschema or PyYAML with libyaml"
else
    have_python=true
fi

measure tenantctl
if $have_python; then
    measure python
    if command -v jrsonnet >/dev/null; then
        python3 benches/compare.py jsonnet "$work" prod high_availability "$scratch/jsonnet.d"
        measure jrsonnet
    else
        skip jrsonnet "it is not installed"
    fi
    if command -v kubectl >/dev/null; then
        python3 benches/compare.py kustomize "$scratch/tenantctl" "$scratch/kustomize.d"
        measure kustomize
    else
        skip "kubectl kustomize" "it is not installed"
    fi
fi

printf '%s tenants, medians of %s runs\n' "$tenants" "$runs"
printf '%-12s %10s %10s %12s\n' program "wall, s" "CPU, s" "times wall"
for name in "${names[@]}"; do
    printf '%-12s %10.3f %10.3f %12s\n' "$name" "${walls[$name]}" "${cpus[$name]}" \
        "$(awk -v a="${walls[$name]}" -v b="${walls[tenantctl]}" 'BEGIN { if (b > 0) printf "%.1f", a / b }')"
done

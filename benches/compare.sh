#!/usr/bin/env bash
# The figures of docs/performance.md: tenantctl beside what is installed of kubectl kustomize, jrsonnet and a Python
# script, and above a bare program that checks nothing (examples/bare.rs), which is the floor.
#
#   benches/compare.sh [TENANTS] [RUNS]        1,000 tenants and 5 runs unless told
#
# Each makes the objects of the same workspace, for prod with high_availability; that their outputs are the same as data
# is checked before anything is timed. tenantctl runs with --no-cache unless a row says otherwise. Times are of whole processes and medians; each round runs every program once, so
# that a busy machine slows all of them. No time makes it fail; a difference of the outputs does. What is not installed
# is left out, and kustomize above 200 tenants: it would take minutes for each run.
set -euo pipefail
cd "$(dirname "$0")/.."

tenants=${1:-1000}
runs=${2:-5}
if ((tenants < 10 || runs < 5)); then
    printf 'at least ten tenants and five runs\n' >&2
    exit 2
fi
many=$((tenants * 5))

scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT
export LC_ALL=C TIMEFORMAT='%R %U %S'

printf 'building\n' >&2
cargo build --release --locked --quiet --bin tenantctl --example generate --example bare
built=${CARGO_TARGET_DIR:-target}/release
work=$scratch/workspace
few=$scratch/few
large=$scratch/large
"$built/examples/generate" --tenants "$tenants" --out "$work"
"$built/examples/generate" --tenants 10 --out "$few"
"$built/examples/generate" --tenants "$many" --out "$large"

# What is measured: run_NAME is timed, before_NAME is not. Standard output goes to a file of its own. What stands in
# `with` is put before the command.
with=()
cached() { "${with[@]}" "$built/tenantctl" -C "$1" render prod --override high_availability "${@:2}"; }
render() { cached "$@" --no-cache; }
bare() { "${with[@]}" "$built/examples/bare" "$1" prod high_availability "${@:2}"; }

run_tenantctl() { render "$work"; }
run_bare() { bare "$work"; }
run_python() { "${with[@]}" python3 benches/compare.py render "$work" prod high_availability; }
run_jrsonnet() { "${with[@]}" jrsonnet "$scratch/jsonnet.d/main.jsonnet"; }
run_kustomize() { "${with[@]}" kubectl kustomize "$scratch/kustomize.d"; }
before_files() { rm -rf "$scratch/out"; }
run_files() { render "$work" -o "$scratch/out"; }
before_filling() { rm -rf "$work/.tenantctl"; }
run_filling() { cached "$work"; }
run_again() { cached "$work"; }
run_unchanged() { cached "$work" -o "$scratch/out"; }
before_bare_files() { rm -rf "$scratch/bare.d"; }
run_bare_files() { bare "$work" -o "$scratch/bare.d"; }
run_many() { render "$large"; }
before_many_files() { rm -rf "$scratch/large.d"; }
run_many_files() { render "$large" -o "$scratch/large.d"; }
before_many_unchanged() { [[ -d $large/.tenantctl ]] || cached "$large" >"$scratch/filled"; }
run_many_unchanged() { cached "$large" -o "$scratch/large.d"; }
run_one() { render "$large" --tenant shop-00007; }
run_one_of_ten() { render "$few" --tenant shop-00007; }
run_start() { "${with[@]}" "$built/tenantctl" --version; }

declare -A label=(
    [tenantctl]="tenantctl, one stream" [bare]="bare program, one stream" [python]="Python script, one stream"
    [jrsonnet]="jrsonnet, one stream" [kustomize]="kubectl kustomize, one stream"
    [filling]="tenantctl, one stream, filling the cache" [again]="tenantctl, one stream, from the cache"
    [files]="tenantctl -o, empty directory" [unchanged]="tenantctl -o, nothing changed" [bare_files]="bare program -o"
    [many]="tenantctl, one stream of $many" [many_files]="tenantctl -o of $many, empty directory"
    [many_unchanged]="tenantctl -o of $many, nothing changed"
    [one]="tenantctl, one tenant of $many" [one_of_ten]="tenantctl, one tenant of 10" [start]="tenantctl --version"
)
# What a row is held against.
declare -A against=(
    [bare]=tenantctl [python]=tenantctl [jrsonnet]=tenantctl [kustomize]=tenantctl [filling]=tenantctl [again]=tenantctl
    [unchanged]=files [bare_files]=files [many]=tenantctl [many_files]=files [many_unchanged]=many_files [one]=one_of_ten
)
rows=(tenantctl bare filling again files unchanged bare_files many many_files many_unchanged one one_of_ten start)

skip() { printf '%s is left out: %s\n' "$1" "$2" >&2; }

others=()
if ! command -v python3 >/dev/null; then
    skip "comparing outputs, and everything else" "python3 is not installed"
elif ! python3 -c 'import jinja2, jsonschema, yaml; yaml.CSafeLoader' 2>/dev/null; then
    skip "comparing outputs, and everything else" "python3 has no jinja2, jsonschema or PyYAML with libyaml"
else
    others=(python)
    if command -v jrsonnet >/dev/null; then
        python3 benches/compare.py jsonnet "$work" prod high_availability "$scratch/jsonnet.d"
        others+=(jrsonnet)
    else
        skip jrsonnet "it is not installed"
    fi
    if ! command -v kubectl >/dev/null; then
        skip "kubectl kustomize" "it is not installed"
    elif ((tenants > 200)); then
        skip "kubectl kustomize" "it would take minutes for more than 200 tenants"
    else
        render "$work" >"$scratch/objects"
        python3 benches/compare.py kustomize "$scratch/objects" "$scratch/kustomize.d"
        others+=(kustomize)
    fi
fi
rows+=("${others[@]}")

prepare() { if declare -F "before_$1" >/dev/null; then "before_$1"; fi; }

# Once for the outputs, and for memory where GNU time is installed.
declare -A peaks
for row in "${rows[@]}"; do
    printf '%s\n' "${label[$row]}" >&2
    prepare "$row"
    if [[ -x /usr/bin/time ]]; then
        with=(/usr/bin/time --quiet -f %M -o "$scratch/$row.peak")
    fi
    "run_$row" >"$scratch/$row" 2>"$scratch/$row.stderr"
    with=()
    peaks[$row]=$(awk '{ printf "%.0f", $1 / 1024 }' "$scratch/$row.peak" 2>/dev/null || printf '?')
done
cat "$scratch/out"/*/*/manifest.yaml | cmp - "$scratch/tenantctl"
cmp "$scratch/again" "$scratch/tenantctl"
cat "$scratch/bare.d"/*/*/manifest.yaml | cmp - "$scratch/bare"
if ((${#others[@]})); then
    printf 'comparing outputs\n' >&2
    python3 benches/compare.py same "$scratch/tenantctl" "$scratch/bare" "${others[@]/#/$scratch/}"
fi

for ((run = 1; run <= runs; run++)); do
    printf 'round %s of %s\n' "$run" "$runs" >&2
    for row in "${rows[@]}"; do
        prepare "$row"
        time=$({ time "run_$row" >"$scratch/$row" 2>"$scratch/$row.stderr"; } 2>&1)
        awk '{ print $1 }' <<<"$time" >>"$scratch/$row.wall"
        awk '{ print $2 + $3 }' <<<"$time" >>"$scratch/$row.cpu"
    done
done

# The middle one of the numbers in a file.
median() { sort -n "$1" | awk '{ n[NR] = $1 } END { print NR % 2 ? n[(NR + 1) / 2] : (n[NR / 2] + n[NR / 2 + 1]) / 2 }'; }
wall() { median "$scratch/$1.wall"; }
cpu() { median "$scratch/$1.cpu"; }
ratio() { awk -v a="$1" -v b="$2" 'BEGIN { if (b > 0) printf "%.2f", a / b; else printf "?" }'; }

printf '\n%s tenants, medians of %s runs, outputs the same as data\n\n' "$tenants" "$runs"
printf '| program | wall, s | CPU, s | peak, MiB | wall, CPU held against |\n|---|---|---|---|---|\n'
for row in "${rows[@]}"; do
    held=
    other=${against[$row]:-}
    if [[ -n $other ]]; then
        held="$(ratio "$(wall "$row")" "$(wall "$other")"), $(ratio "$(cpu "$row")" "$(cpu "$other")") x ${label[$other]}"
    fi
    printf '| %s | %.3f | %.3f | %s | %s |\n' "${label[$row]}" "$(wall "$row")" "$(cpu "$row")" "${peaks[$row]}" "$held"
done
printf '\nfive times the tenants take %s times as long for each\n' \
    "$(ratio "$(wall many)" "$(awk -v wall="$(wall tenantctl)" 'BEGIN { print wall * 5 }')")"

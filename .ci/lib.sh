# Shared by the scripts beside it: where the house is, how a step is run and told. Sourced, never run.
# shellcheck shell=bash
set -euo pipefail

cd "$(dirname "${BASH_SOURCE[0]}")/.."

# rustup puts cargo here; a terminal opened before it was installed does not know yet.
if ! command -v cargo >/dev/null && [ -x "$HOME/.cargo/bin/cargo" ]; then
    PATH="$HOME/.cargo/bin:$PATH"
fi
export PATH

target="$(realpath -m "${CARGO_TARGET_DIR:-target}")"
began=$SECONDS
steps=()

# A build machine may have cloned as another user than the one who builds.
git() {
    command git -c safe.directory='*' "$@"
}

# Says one line and ends: what is wrong, and what to do.
give_up() {
    printf 'telltale: %s\n' "$*" >&2
    exit 1
}

# CPU seconds (user and system) that the ended children of this script took; 0 where the system does not tell.
cpu_seconds() {
    local fields=()
    read -ra fields 2>/dev/null </proc/$$/stat || true
    echo $(((${fields[15]:-0} + ${fields[16]:-0}) / 100))
}

# Runs a command as a named step, and tells how long it took; a step that fails ends the script.
step() {
    local name=$1 start=$SECONDS cpu status=0
    cpu=$(cpu_seconds)
    shift
    printf '\n==> %s\n' "$name"
    "$@" </dev/null || status=$?
    local took=$((SECONDS - start))
    if [ "$status" -ne 0 ]; then
        printf '==> %s: FAILED (exit %d) after %d s\n' "$name" "$status" "$took" >&2
        exit "$status"
    fi
    cpu=$(($(cpu_seconds) - cpu))
    printf '==> %s: %d s (%d s of CPU)\n' "$name" "$took" "$cpu"
    steps+=("$(printf '%6d s  %6d s of CPU  %s' "$took" "$cpu" "$name")")
}

# The steps and their durations, as the last lines of a script.
tell_steps() {
    printf '\n'
    printf '%s\n' "${steps[@]}"
    printf '%6d s  %6d s of CPU  in all\n' "$((SECONDS - began))" "$(cpu_seconds)"
}

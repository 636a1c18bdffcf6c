# Sourced by .ci/quick and .ci/run: runs steps and reports what each took. When .ci/run calls .ci/quick, both write to
# one table, and only .ci/run prints it.
# shellcheck shell=bash
export RUST_BACKTRACE=0 CARGO_TERM_PROGRESS_WHEN=never PYTHONDONTWRITEBYTECODE=1
export PATH="$PWD/target/ci/tools/bin:$PATH"
mkdir -p target/ci/log
prints_report=
if [[ -z ${STEPS-} ]]; then
    export STEPS=$PWD/target/ci/log/steps
    : >"$STEPS"
    prints_report=yes
fi

# Runs a command; keeps its time and what its test runners counted.
step() {
    local name=$1 started=$SECONDS counts log=target/ci/log/${1// /-}.log
    shift
    echo "== $name ($(date -u +%H:%M:%S))"
    "$@" 2>&1 | tee "$log"
    counts=$(sed --quiet --regexp-extended '/^test result: |^[0-9]+ passed, [0-9]+ failed| generated, /p' "$log")
    [[ -z $counts ]] || counts=$(.ci/count <<<"$counts")
    printf '%6d s  %-18s %s\n' $((SECONDS - started)) "$name" "$counts" >>"$STEPS"
}

# Prints the table of all steps. Its last line is the sum of their tests.
report() {
    [[ -n $prints_report ]] || return 0
    echo "== what ran"
    cat "$STEPS"
    printf '%6d s  all\n' "$SECONDS"
    .ci/count <"$STEPS" | cut -d ';' -f 1
}

# shellcheck shell=bash
# Builds a part of the project when its sources are newer than its last build; sourced by the commands in bin/.
#
# A build leaves a stamp, as old as the moment it began, so that what changes while it runs is built the next time.
# ALREADY_BUILT=1 says that somebody else has just built everything: bin/test does.

# Tells whether the stamp is missing or older than a file or folder below the paths.
is_stale() {
    local stamp=$1
    shift
    [ "${ALREADY_BUILT:-}" != 1 ] && { [ ! -e "$stamp" ] || [ -n "$(find "$@" -newer "$stamp" 2>/dev/null | head -n 1)" ]; }
}

# Runs a command while no other build of the same folder runs, where the system has flock.
alone_in() {
    local folder=$1
    shift
    if command -v flock >/dev/null; then
        (
            flock -n 9 || { echo "Waiting for another build in $PWD ..." >&2; flock 9; }
            "$@" 9>&-
        ) 9>"$folder/.build.lock"
    else
        "$@"
    fi
}

# build_if_needed MODULE MODULES AFTERWARDS PATH...: builds MODULES, of which MODULE is the last, if anything below the
# paths is newer than the last build, and then runs the command AFTERWARDS, which may fail. Works in the project's root.
build_if_needed() {
    local module=$1 modules=$2 afterwards=$3
    local target=$module/target
    shift 3
    is_stale "$target/.built" "$@" || return 0
    if ! mkdir -p "$target" 2>/dev/null || [ ! -w "$target" ]; then
        if [ -e "$target/.built" ]; then
            echo "The build in $PWD is older than its sources, and you may not write there: it is used as it is." >&2
            return 0
        fi
        fail "The project in $PWD is not built, and you may not write there:" \
            "run this once as $(owner_of "$PWD"), or in a copy of your own."
    fi
    alone_in "$target" build_now "$module" "$modules" "$afterwards" "$@" || exit 1
}

owner_of() {
    # The third word of ls -l is the same everywhere; what it lists is one folder.
    # shellcheck disable=SC2012
    ls -ld "$1" | awk '{ print $3 }'
}

build_now() {
    local module=$1 modules=$2 afterwards=$3
    local target=$module/target
    shift 3
    # Somebody else may have built while this one waited for its turn.
    is_stale "$target/.built" "$@" || return 0
    command -v mvn >/dev/null || fail "Maven is needed to build the project and was not found:" \
        "install it, on Debian with \"apt-get install maven\"."
    echo "Building ${modules//,/ and } in $PWD, the first time for some minutes ..." >&2
    touch "$target/.building"
    rm -f "$target/.built" "$target/$module"-*.jar
    if ! JAVA_HOME=$JDK mvn -q -B -ntp -Dmaven.test.skip=true -pl "$modules" package >"$target/build.log" 2>&1 </dev/null; then
        grep -m 5 '^\[ERROR\]' "$target/build.log" >&2
        fail "The build failed: see $PWD/$target/build.log."
    fi
    "$afterwards" || true
    mv "$target/.building" "$target/.built"
}

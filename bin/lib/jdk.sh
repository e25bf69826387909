# shellcheck shell=bash
# Finds a JDK of version 25 or newer; sourced by the commands in bin/.

readonly JDK_NEEDED=25

# Prints one sentence to standard error and ends the command.
fail() {
    printf '%s\n' "$*" >&2
    exit 1
}

# Prints the major version of the JDK in a folder, or 0: from its file "release", else by asking it.
jdk_version() {
    local text=
    if [ ! -x "$1/bin/java" ] || [ ! -x "$1/bin/javac" ]; then
        echo 0
        return
    fi
    if [ -r "$1/release" ]; then
        text=$(sed -n 's/^JAVA_VERSION="\([0-9][0-9]*\).*/\1/p' "$1/release")
    fi
    if [ -z "$text" ]; then
        text=$("$1/bin/java" -version 2>&1 | sed -n 's/.*version "\([0-9][0-9]*\).*/\1/p' | head -n 1)
    fi
    echo "${text:-0}"
}

# Sets JDK to the home of the first that is new enough: the one chosen, the one in PATH, those in the usual places.
# Fails when there is none.
have_jdk() {
    local java candidate
    java=$(command -v java || true)
    if [ -n "$java" ]; then
        # Through the symbolic links that lead to its JDK.
        java=$(dirname "$(dirname "$(readlink -f "$java")")")
    fi
    for candidate in "${JAVA_HOME:-}" "$java" \
        /usr/lib/jvm/* /usr/lib64/jvm/* /usr/java/* /usr/local/*jdk* /usr/local/lib/jvm/* /opt/* /opt/*/* \
        /Library/Java/JavaVirtualMachines/*/Contents/Home \
        /opt/homebrew/opt/openjdk*/libexec/openjdk.jdk/Contents/Home \
        "${HOME:-/nonexistent}"/Library/Java/JavaVirtualMachines/*/Contents/Home \
        "${HOME:-/nonexistent}"/.sdkman/candidates/java/* "${HOME:-/nonexistent}"/.jdks/*; do
        if [ -n "$candidate" ] && [ "$(jdk_version "$candidate")" -ge "$JDK_NEEDED" ]; then
            # shellcheck disable=SC2034 # for those who source this
            JDK=$candidate
            return 0
        fi
    done
    return 1
}

# The same, or one sentence and the end of the command.
find_jdk() {
    have_jdk || fail "No JDK $JDK_NEEDED or newer was found in JAVA_HOME, PATH, /usr/lib/jvm, /opt, ~/.sdkman or ~/.jdks:" \
        "install one, for example Temurin $JDK_NEEDED, or set JAVA_HOME to its folder."
}

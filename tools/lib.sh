# SPDX-License-Identifier: Apache-2.0
# shellcheck shell=bash
# What the scripts of the project share.

MILLRACE_HOME=${MILLRACE_HOME:-${XDG_DATA_HOME:-$HOME/.local/share}/millrace}
export MILLRACE_HOME

STARTED_AT=$SECONDS

say() { printf '[%4ds] %s\n' $((SECONDS - STARTED_AT)) "$*"; }

die() {
  printf '%s: %s\n' "$(basename "$0")" "$*" >&2
  exit 1
}

# run WHAT LOG COMMAND...: runs a command with its output in a log; shows the log's end when it fails.
run() {
  local what=$1 log=$MILLRACE_HOME/logs/$2.log
  shift 2
  mkdir -p "$MILLRACE_HOME/logs"
  if ! "$@" >"$log" 2>&1; then
    tail -n 30 "$log" >&2
    die "$what failed; the whole log is $log"
  fi
}

# Sets JAVA_HOME to a JDK 25, wherever it is.
find_jdk() {
  local home
  for home in "${JAVA_HOME:-}" /usr/lib/jvm/*25* /opt/*jdk*25* "$HOME"/.sdkman/candidates/java/25* "$HOME"/.jdks/*25*; do
    if [ -x "$home/bin/javac" ] && grep -q '^JAVA_VERSION="25' "$home/release" 2>/dev/null; then
      export JAVA_HOME=$home
      return 0
    fi
  done
  die 'no JDK 25 found: install one (Debian with the Adoptium repository: temurin-25-jdk) or set JAVA_HOME to it'
}

require_maven() {
  command -v mvn >/dev/null || die 'Maven 3.8.7 or newer is needed and there is no mvn command (Debian: apt-get install maven)'
}

# A name for the present state of the sources: images are tagged by it, so that a change rolls out.
source_tag() {
  (cd "$ROOT" && git ls-files -z --cached --others --exclude-standard -- pom.xml '*/pom.xml' '*/src/main/*' '*/bin/*' crds ':!bench' ':!e2e' ':!samples' \
    | sort -z | xargs -0 sha256sum 2>/dev/null | sha256sum | cut -c1-12)
}

# SPDX-License-Identifier: Apache-2.0
# shellcheck shell=bash
# The parts that come as packages of the distribution.

# program package
PACKAGES='containerd containerd
runc runc
etcd etcd-server
iptables iptables
conntrack conntrack
mmdebstrap mmdebstrap
openssl openssl
ip iproute2
/bin/busybox busybox-static
/usr/lib/cni/bridge containernetworking-plugins'

missing_packages() {
  local program package
  while read -r program package; do
    command -v "$program" >/dev/null || echo "$package"
  done <<<"$PACKAGES"
}

ensure_packages() {
  local missing
  missing=$(missing_packages)
  [ -z "$missing" ] && return 0
  command -v apt-get >/dev/null \
    || die "this machine lacks $(echo $missing) and has no apt-get to install them. $ELSEWHERE"
  say "installing $(echo $missing)"
  mkdir -p "$LOGS"
  # Packages must not start services of their own: ours have other settings. A policy that is there is kept.
  local policy=/usr/sbin/policy-rc.d ours=
  if [ ! -e $policy ]; then
    printf '#!/bin/sh\nexit 101\n' >$policy
    chmod +x $policy
    ours=yes
  fi
  # shellcheck disable=SC2086 # a list of packages
  if ! { apt-get update -qq \
    && DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends $missing; } \
    >"$LOGS/packages.log" 2>&1; then
    [ -n "$ours" ] && rm -f $policy
    tail -n 15 "$LOGS/packages.log" >&2
    die "the packages $(echo $missing) cannot be installed; the log is $LOGS/packages.log. $ELSEWHERE"
  fi
  [ -n "$ours" ] && rm -f $policy
  say "packages installed"
}

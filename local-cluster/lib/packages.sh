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
curl curl
flock util-linux
/bin/busybox busybox-static
/usr/lib/cni/bridge containernetworking-plugins'

missing_packages() {
  local program package
  while read -r program package; do
    command -v "$program" >/dev/null || echo "$package"
  done <<<"$PACKAGES"
}

# Packages must not start services of their own: ours have other settings. A policy of somebody's is kept; one that a
# killed run of ours left is not.
POLICY=/usr/sbin/policy-rc.d
POLICY_MARK='# by the local cluster of Millrace, while it installs packages'

forbid_services() {
  [ -e $POLICY ] && return 0
  printf '#!/bin/sh\n%s\nexit 101\n' "$POLICY_MARK" >$POLICY
  chmod +x $POLICY
}

allow_services() { if grep -qsF "$POLICY_MARK" $POLICY; then rm -f $POLICY; fi; }

ensure_packages() {
  local missing log=$LOGS/packages.log installed=yes
  missing=$(missing_packages | sort -u | tr '\n' ' ')
  allow_services
  [ -z "$missing" ] && return 0
  command -v apt-get >/dev/null || die "this machine lacks ${missing}and has no apt-get to install them. $ELSEWHERE"
  say "installing $missing"
  mkdir -p "$LOGS"
  forbid_services
  # shellcheck disable=SC2086 # a list of packages
  { apt-get update -qq && DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends $missing; } \
    >"$log" 2>&1 || installed=
  allow_services
  if [ -z "$installed" ]; then
    show_tail "$log"
    die "the packages ${missing}cannot be installed; the log is $log. $ELSEWHERE"
  fi
  say "packages installed"
}

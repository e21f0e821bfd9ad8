# SPDX-License-Identifier: Apache-2.0
# shellcheck shell=bash
# The node's address, the pods' network, and how both are taken away again.

# What kube-proxy, the kubelet and we set; the values from before are kept for "down".
readonly SYSCTLS='net/ipv4/ip_forward net/ipv4/conf/all/route_localnet vm/overcommit_memory kernel/panic
  kernel/panic_on_oops kernel/keys/root_maxkeys kernel/keys/root_maxbytes
  net/netfilter/nf_conntrack_tcp_timeout_established net/netfilter/nf_conntrack_tcp_timeout_close_wait'

remember_sysctls() {
  local name
  [ -f "$STATE/sysctls" ] && return 0
  for name in $SYSCTLS; do
    if [ -r "/proc/sys/$name" ]; then echo "$name $(cat "/proc/sys/$name")"; fi
  done >"$STATE/sysctls"
}

restore_sysctls() {
  local name value
  [ -f "$STATE/sysctls" ] || return 0
  while read -r name value; do
    [ "$(cat "/proc/sys/$name" 2>/dev/null)" = "$value" ] || echo "$value" >"/proc/sys/$name" || true
  done <"$STATE/sysctls" 2>/dev/null
}

node_has_address() { ip -o address show dev lo | grep -F " $NODE_ADDRESS/32 " >/dev/null; }

ensure_network() {
  modprobe -a br_netfilter overlay nf_conntrack 2>/dev/null || true
  remember_sysctls
  ip link set lo up
  node_has_address || ip address add "$NODE_ADDRESS/32" dev lo
  echo 1 >/proc/sys/net/ipv4/ip_forward
  # Pods of one service would not reach one another through it; most kernels have it at 1.
  echo 1 >/proc/sys/net/bridge/bridge-nf-call-iptables 2>/dev/null || true
  keep_services_inside
  mkdir -p "$STATE/cni/net.d"
  # "firewall" lets pods' packets through where somebody's default is to drop what is forwarded, as Docker's is.
  write "$STATE/cni/net.d/10-millrace.conflist" <<JSON
{
  "cniVersion": "1.0.0",
  "name": "millrace",
  "plugins": [
    {
      "type": "bridge", "bridge": "$BRIDGE", "isDefaultGateway": true, "ipMasq": true, "hairpinMode": true,
      "ipam": {"type": "host-local", "dataDir": "$STATE/cni/addresses", "ranges": [[{"subnet": "$POD_CIDR"}]]}
    },
    {"type": "portmap", "capabilities": {"portMappings": true}},
    {"type": "firewall", "backend": "iptables"}
  ]
}
JSON
}

# A service's address that kube-proxy does not know yet must lead nowhere. Else a pod that is back before kube-proxy
# talks to whoever answers outside, and goes on to do so for as long as the connection lives.
keep_services_inside() {
  local rule=(POSTROUTING -d "$SERVICE_CIDR" -m comment --comment "CNI-millrace: services are inside" -j DROP)
  iptables -t mangle -C "${rule[@]}" 2>/dev/null || iptables -t mangle -A "${rule[@]}"
}

# Takes away what kube-proxy and the CNI plugins left. Chains of others stay.
remove_network() {
  local tool table
  for tool in iptables ip6tables; do
    command -v $tool-save >/dev/null || continue
    # Not grep -q: it would end the pipe early, which counts as a failure here.
    $tool-save 2>/dev/null | grep -E 'KUBE-|CNI-' >/dev/null || continue
    for table in nat filter mangle; do
      $tool-save -t $table 2>/dev/null | grep -vE 'KUBE-|CNI-' | $tool-restore -T $table 2>/dev/null || true
    done
  done
  # A pod's link goes with its namespace, a moment after the last mount and process of it.
  ip link delete "$BRIDGE" 2>/dev/null || true
  ip address delete "$NODE_ADDRESS/32" dev lo 2>/dev/null || true
  restore_sysctls
}

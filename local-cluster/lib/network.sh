# SPDX-License-Identifier: Apache-2.0
# shellcheck shell=bash
# The node's address, the pods' network, and how both are taken away again.

ensure_network() {
  ip address show dev lo | grep -q "$NODE_ADDRESS/32" || ip address add "$NODE_ADDRESS/32" dev lo
  echo 1 >/proc/sys/net/ipv4/ip_forward
  modprobe -a br_netfilter overlay 2>/dev/null || true
  mkdir -p "$STATE/cni/net.d"
  write "$STATE/cni/net.d/10-millrace.conflist" <<JSON
{
  "cniVersion": "1.0.0",
  "name": "millrace",
  "plugins": [
    {
      "type": "bridge", "bridge": "$BRIDGE", "isDefaultGateway": true, "ipMasq": true, "hairpinMode": true,
      "ipam": {"type": "host-local", "dataDir": "$STATE/cni/addresses", "ranges": [[{"subnet": "$POD_CIDR"}]]}
    },
    {"type": "portmap", "capabilities": {"portMappings": true}}
  ]
}
JSON
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
  ip link delete "$BRIDGE" 2>/dev/null || true
  ip address delete "$NODE_ADDRESS/32" dev lo 2>/dev/null || true
  local space
  for space in $(ip netns list 2>/dev/null | cut -d' ' -f1 | grep '^cni-'); do
    [ -z "$(ip netns pids "$space" 2>/dev/null)" ] && ip netns delete "$space" 2>/dev/null
  done
  return 0
}

# SPDX-License-Identifier: Apache-2.0
# shellcheck shell=bash
# The components in the order in which they start, each with the settings that matter.

COMPONENTS='etcd kube-apiserver kube-controller-manager kube-scheduler containerd kubelet kube-proxy coredns local-path-provisioner'
KUBELET_DIR=$STATE/kubelet

# No proxy of the user's, and never longer than a few seconds: a hung program takes connections too.
get() { curl -sf --noproxy '*' --max-time 3 "$@"; }

healthy_etcd() { get "http://127.0.0.1:$ETCD_PORT/health"; }
healthy_kube-apiserver() {
  get --cacert "$PKI/ca.crt" --cert "$PKI/admin.crt" --key "$PKI/admin.key" "https://127.0.0.1:$API_PORT/readyz"
}
healthy_kube-controller-manager() { get -k https://127.0.0.1:10257/healthz; }
healthy_kube-scheduler() { get -k https://127.0.0.1:10259/healthz; }
healthy_containerd() { timeout 3 ctr --address "$CONTAINERD_SOCKET" version; }
healthy_kubelet() { get http://127.0.0.1:10248/healthz; }
healthy_kube-proxy() { get http://127.0.0.1:10256/healthz; }
healthy_coredns() { get "http://127.0.0.1:$DNS_READY_PORT/ready"; }
healthy_local-path-provisioner() { pid_of local-path-provisioner; }

# healthy COMPONENT: it runs and answers.
healthy() { pid_of "$1" && "healthy_$1"; }

start_control_plane() {
  mkdir -p "$STATE/etcd" "$CONF"
  chmod 700 "$STATE/etcd"
  start etcd etcd --name millrace --data-dir "$STATE/etcd" \
    --listen-client-urls "http://127.0.0.1:$ETCD_PORT" --advertise-client-urls "http://127.0.0.1:$ETCD_PORT" \
    --listen-peer-urls "http://127.0.0.1:$ETCD_PEER_PORT" --initial-advertise-peer-urls "http://127.0.0.1:$ETCD_PEER_PORT" \
    --initial-cluster "millrace=http://127.0.0.1:$ETCD_PEER_PORT" \
    --auto-compaction-mode periodic --auto-compaction-retention 1h
  await 60 etcd "$LOGS/etcd.log" healthy etcd
  start kube-apiserver "$BIN/kube-apiserver" \
    --etcd-servers "http://127.0.0.1:$ETCD_PORT" --secure-port "$API_PORT" --advertise-address "$NODE_ADDRESS" \
    --service-cluster-ip-range "$SERVICE_CIDR" --authorization-mode Node,RBAC --enable-admission-plugins NodeRestriction \
    --client-ca-file "$PKI/ca.crt" --tls-cert-file "$PKI/apiserver.crt" --tls-private-key-file "$PKI/apiserver.key" \
    --kubelet-client-certificate "$PKI/apiserver-kubelet.crt" --kubelet-client-key "$PKI/apiserver-kubelet.key" \
    --kubelet-preferred-address-types InternalIP \
    --service-account-issuer https://kubernetes.default.svc.cluster.local \
    --service-account-key-file "$PKI/sa.pub" --service-account-signing-key-file "$PKI/sa.key" \
    --allow-privileged
  await 90 kube-apiserver "$LOGS/kube-apiserver.log" healthy kube-apiserver
  start kube-controller-manager "$BIN/kube-controller-manager" \
    --kubeconfig "$PKI/controller-manager.kubeconfig" --leader-elect=false --use-service-account-credentials \
    --service-account-private-key-file "$PKI/sa.key" --root-ca-file "$PKI/ca.crt" \
    --cluster-signing-cert-file "$PKI/ca.crt" --cluster-signing-key-file "$PKI/ca.key" \
    --node-monitor-grace-period 20s --bind-address 127.0.0.1 --flex-volume-plugin-dir "$KUBELET_DIR/volumeplugins"
  start kube-scheduler "$BIN/kube-scheduler" --kubeconfig "$PKI/scheduler.kubeconfig" --leader-elect=false \
    --bind-address 127.0.0.1
}

start_containerd() {
  mkdir -p "$STATE/containerd"
  write "$CONF/containerd.toml" <<TOML
version = 2
root = "$STATE/containerd"
state = "$RUNTIME/containerd"
disabled_plugins = ["io.containerd.snapshotter.v1.btrfs", "io.containerd.snapshotter.v1.zfs", "io.containerd.snapshotter.v1.devmapper", "io.containerd.internal.v1.opt"]
[grpc]
  address = "$CONTAINERD_SOCKET"
[plugins."io.containerd.grpc.v1.cri"]
  sandbox_image = "docker.io/millrace/pause:1"
  restrict_oom_score_adj = true
  netns_mounts_under_state_dir = true
  max_container_log_line_size = 65536
  [plugins."io.containerd.grpc.v1.cri".cni]
    bin_dir = "/usr/lib/cni"
    conf_dir = "$STATE/cni/net.d"
  [plugins."io.containerd.grpc.v1.cri".containerd]
    snapshotter = "overlayfs"
    [plugins."io.containerd.grpc.v1.cri".containerd.runtimes.runc]
      runtime_type = "io.containerd.runc.v2"
      [plugins."io.containerd.grpc.v1.cri".containerd.runtimes.runc.options]
        SystemdCgroup = false
        Root = "$RUNTIME/runc"
TOML
  start containerd containerd --config "$CONF/containerd.toml"
  await 60 containerd "$LOGS/containerd.log" healthy containerd
  "$HERE/load-image" "$IMAGES/pause.tar" "$IMAGES/busybox.tar"
}

start_node() {
  mkdir -p "$KUBELET_DIR" "$LOGS/pods"
  write "$CONF/kubelet.yaml" <<YAML
apiVersion: kubelet.config.k8s.io/v1beta1
kind: KubeletConfiguration
authentication: {anonymous: {enabled: false}, webhook: {enabled: true}, x509: {clientCAFile: $PKI/ca.crt}}
authorization: {mode: Webhook}
cgroupDriver: cgroupfs
failCgroupV1: false
failSwapOn: false
localStorageCapacityIsolation: false
clusterDomain: cluster.local
clusterDNS: [$NODE_ADDRESS]
containerRuntimeEndpoint: unix://$CONTAINERD_SOCKET
resolvConf: $CONF/resolv.conf
maxPods: 250
podLogsDir: $LOGS/pods
volumePluginDir: $KUBELET_DIR/volumeplugins
imageGCHighThresholdPercent: 100
evictionHard: {memory.available: 100Mi}
nodeStatusUpdateFrequency: 5s
YAML
  # Pods look names up at CoreDNS; what is not the cluster's, it says no to.
  write "$CONF/resolv.conf" <<<"nameserver $NODE_ADDRESS"
  pid_of kubelet >/dev/null || NODE_READY_SINCE=$(date -u +%FT%TZ)
  start kubelet "$BIN/kubelet" --config "$CONF/kubelet.yaml" --kubeconfig "$PKI/kubelet.kubeconfig" \
    --root-dir "$KUBELET_DIR" --cert-dir "$KUBELET_DIR/pki" --hostname-override "$NODE_NAME" --node-ip "$NODE_ADDRESS"
  write "$CONF/kube-proxy.yaml" <<YAML
apiVersion: kubeproxy.config.k8s.io/v1alpha1
kind: KubeProxyConfiguration
clientConnection: {kubeconfig: $PKI/proxy.kubeconfig}
hostnameOverride: $NODE_NAME
mode: iptables
clusterCIDR: $POD_CIDR
conntrack: {maxPerCore: 0}
YAML
  start kube-proxy "$BIN/kube-proxy" --config "$CONF/kube-proxy.yaml"
}

start_dns() {
  write "$CONF/Corefile" <<CONF
.:53 {
  bind $NODE_ADDRESS
  errors
  ready 127.0.0.1:$DNS_READY_PORT
  kubernetes cluster.local in-addr.arpa ip6.arpa {
    kubeconfig $MILLRACE_HOME/kubeconfig millrace-local
    pods verified
    ttl 5
  }
  cache 5
}
CONF
  start coredns "$BIN/coredns" -conf "$CONF/Corefile"
}

start_volumes() {
  write "$CONF/volumes.json" <<JSON
{"nodePathMap": [{"node": "DEFAULT_PATH_FOR_NON_LISTED_NODES", "paths": ["$STATE/volumes"]}],
 "setupCommand": null, "teardownCommand": null}
JSON
  write "$CONF/volumes-helper.yaml" <<YAML
apiVersion: v1
kind: Pod
metadata: {name: helper-pod}
spec:
  containers:
  - {name: helper-pod, image: "docker.io/millrace/busybox:1", imagePullPolicy: IfNotPresent}
YAML
  kubectl_admin apply -f - >/dev/null <<YAML
apiVersion: v1
kind: Namespace
metadata: {name: local-path-storage}
---
apiVersion: v1
kind: ServiceAccount
metadata: {name: local-path-provisioner, namespace: local-path-storage}
---
apiVersion: v1
kind: ConfigMap
metadata: {name: local-path-config, namespace: local-path-storage}
data:
  setup: |
    #!/bin/sh
    set -eu
    mkdir -m 0777 -p "\$VOL_DIR"
  teardown: |
    #!/bin/sh
    set -eu
    rm -rf "\$VOL_DIR"
---
apiVersion: storage.k8s.io/v1
kind: StorageClass
metadata:
  name: local-path
  annotations: {storageclass.kubernetes.io/is-default-class: "true"}
provisioner: rancher.io/local-path
volumeBindingMode: WaitForFirstConsumer
reclaimPolicy: Delete
allowVolumeExpansion: true
YAML
  start local-path-provisioner "$BIN/local-path-provisioner" --debug start --config "$CONF/volumes.json" \
    --helper-image docker.io/millrace/busybox:1 --helper-pod-file "$CONF/volumes-helper.yaml" \
    --namespace local-path-storage --configmap-name local-path-config \
    --service-account-name local-path-provisioner --kubeconfig "$MILLRACE_HOME/kubeconfig"
}

# A kubelet that was started just now must have said so itself: "Ready" may still stand there from before.
NODE_READY_SINCE=
node_is_ready() {
  local ready said
  read -r ready said < <(kubectl_admin get node "$NODE_NAME" \
    -o 'jsonpath={range .status.conditions[?(@.type=="Ready")]}{.status} {.lastHeartbeatTime}{end}')
  [ "$ready" = True ] && [[ ! $said < $NODE_READY_SINCE ]]
}

# The first pod of a namespace needs its service account, which controllers make.
service_account_exists() { kubectl_admin -n default get serviceaccount default; }

await_cluster() {
  local component
  for component in kube-controller-manager kube-scheduler kubelet; do
    await 60 $component "$LOGS/$component.log" healthy $component
  done
  await 120 "node $NODE_NAME" "$LOGS/kubelet.log" node_is_ready
  for component in kube-proxy coredns local-path-provisioner; do
    await 60 $component "$LOGS/$component.log" healthy $component
  done
  await 60 'the default service account' "$LOGS/kube-controller-manager.log" service_account_exists
}

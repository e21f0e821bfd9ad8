# SPDX-License-Identifier: Apache-2.0
# shellcheck shell=bash
# The parts that are built from Go modules, each with a go.mod of its own under go/.

KUBERNETES_VERSION=v1.34.4

# build COMPONENT PACKAGE...: builds packages of go/COMPONENT unless that was done for these very sources.
build() {
  local component=$1 stamp ldflags='-s -w' version=k8s.io/component-base/version
  shift
  stamp=$(cat "$HERE/go/$component/go.mod" "$HERE/go/$component/go.sum" "$HERE/lib/build.sh" | sha256sum | cut -d' ' -f1)
  [ "$(cat "$BIN/.$component" 2>/dev/null)" = "$stamp" ] && return 0
  command -v go >/dev/null || die "building $component needs Go, and there is no go command. $ELSEWHERE"
  say "building $component (once)"
  mkdir -p "$BIN" "$LOGS"
  if [ "$component" = kubernetes ]; then
    # Otherwise clients see v0.0.0-master.
    ldflags+=" -X $version.gitVersion=$KUBERNETES_VERSION -X $version.gitMajor=1 -X $version.gitMinor=34"
    ldflags+=" -X k8s.io/client-go/pkg/version.gitVersion=$KUBERNETES_VERSION"
  fi
  (cd "$HERE/go/$component" \
    && CGO_ENABLED=0 GOFLAGS='-mod=readonly -trimpath' go build -ldflags "$ldflags" -o "$BIN/" "$@") \
    >"$LOGS/build-$component.log" 2>&1 || {
    tail -n 15 "$LOGS/build-$component.log" >&2
    die "$component cannot be built; the log is $LOGS/build-$component.log"
  }
  echo "$stamp" >"$BIN/.$component"
  say "$component built"
}

ensure_binaries() {
  build kubernetes k8s.io/kubernetes/cmd/{kube-apiserver,kube-controller-manager,kube-scheduler,kubelet,kube-proxy}
  build coredns github.com/coredns/coredns
  build local-path-provisioner github.com/rancher/local-path-provisioner
  build helm helm.sh/helm/v3/cmd/helm
  ensure_kubectl
}

ensure_kubectl() {
  command -v kubectl >/dev/null && return 0
  if [ ! -x "$BIN/kubectl" ]; then
    (cd "$HERE/go/kubernetes" && CGO_ENABLED=0 GOFLAGS='-mod=readonly -trimpath' \
      go build -ldflags '-s -w' -o "$BIN/" k8s.io/kubernetes/cmd/kubectl)
  fi
  PATH=$PATH:$BIN
}

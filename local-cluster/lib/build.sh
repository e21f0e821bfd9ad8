# SPDX-License-Identifier: Apache-2.0
# shellcheck shell=bash
# The parts that are built from Go modules, each with a go.mod of its own under go/.

KUBERNETES_VERSION=v1.34.4
# The oldest kubectl that speaks with this cluster, and the oldest Go that can fetch the newer one that a go.mod asks for.
KUBECTL_MINOR=32
GO_MINOR=21

find_go() {
  local place version
  for place in /usr/local/go/bin "$HOME/go/bin" /usr/lib/go/bin; do
    command -v go >/dev/null && break
    if [ -x "$place/go" ]; then PATH=$PATH:$place; fi
  done
  command -v go >/dev/null || die "building $1 needs Go, and there is no go command. $ELSEWHERE"
  version=$(go env GOVERSION)
  version=${version#go1.}
  ((${version%%[!0-9]*} >= GO_MINOR)) || die "building $1 needs Go 1.$GO_MINOR or newer, and this is 1.$version. $ELSEWHERE"
}

# build NAME FOLDER PACKAGE...: builds packages of go/FOLDER unless that was done for these very sources.
build() {
  local name=$1 folder=$HERE/go/$2 log=$LOGS/build-$1.log stamp ldflags='-s -w'
  shift 2
  # Otherwise clients see v0.0.0-master.
  local version=" -X k8s.io/component-base/version.git" client=" -X k8s.io/client-go/pkg/version.git"
  [ "$(basename "$folder")" = kubernetes ] \
    && ldflags+="${version}Version=$KUBERNETES_VERSION${version}Major=1${version}Minor=34${client}Version=$KUBERNETES_VERSION"
  stamp=$(cat "$folder/go.mod" "$folder/go.sum" - <<<"$ldflags $*" | sha256sum | cut -d' ' -f1)
  [ "$(cat "$BIN/.$name" 2>/dev/null)" = "$stamp" ] && return 0
  find_go "$name"
  say "building $name (once)"
  mkdir -p "$BIN" "$LOGS"
  # Files that are being executed are replaced, not written to.
  if ! (cd "$folder" && rm -rf "$BIN/.new-$name" && mkdir "$BIN/.new-$name" \
    && CGO_ENABLED=0 GOFLAGS='-mod=readonly -trimpath' go build -ldflags "$ldflags" -o "$BIN/.new-$name/" "$@" \
    && mv -f "$BIN/.new-$name"/* "$BIN/" && rmdir "$BIN/.new-$name") >"$log" 2>&1; then
    show_tail "$log"
    die "$name cannot be built; the log is $log"
  fi
  echo "$stamp" >"$BIN/.$name"
  say "$name built"
}

ensure_binaries() {
  build kubernetes kubernetes k8s.io/kubernetes/cmd/{kube-apiserver,kube-controller-manager,kube-scheduler,kubelet,kube-proxy}
  build coredns coredns github.com/coredns/coredns
  build local-path-provisioner local-path-provisioner github.com/rancher/local-path-provisioner
  build helm helm helm.sh/helm/v3/cmd/helm
  kubectl_is_recent || build kubectl kubernetes k8s.io/kubernetes/cmd/kubectl
}

# The machine's own kubectl.
kubectl_is_recent() {
  local minor
  minor=$(kubectl version --client 2>/dev/null | sed -n 's/^Client Version: v1\.\([0-9]*\).*/\1/p')
  [ "${minor:-0}" -ge $KUBECTL_MINOR ]
}

# SPDX-License-Identifier: Apache-2.0
# shellcheck shell=bash
# Certificates and kubeconfigs of the control plane. Made once; they last ten years.

DAYS=3650

ensure_pki() {
  if [ ! -f "$PKI/done" ]; then
    rm -rf "$PKI"
    mkdir -p "$PKI"
    chmod 700 "$PKI"
    quiet_openssl req -x509 -newkey rsa:2048 -nodes -days $DAYS -subj "/CN=millrace-local-cluster" \
      -keyout "$PKI/ca.key" -out "$PKI/ca.crt"
    quiet_openssl genrsa -out "$PKI/sa.key" 2048
    quiet_openssl rsa -in "$PKI/sa.key" -pubout -out "$PKI/sa.pub"
    certificate apiserver "/CN=kube-apiserver" \
      "subjectAltName=DNS:kubernetes,DNS:kubernetes.default,DNS:kubernetes.default.svc,DNS:kubernetes.default.svc.cluster.local,DNS:localhost,IP:127.0.0.1,IP:$NODE_ADDRESS,IP:$API_SERVICE_ADDRESS"
    certificate apiserver-kubelet "/O=system:masters/CN=kube-apiserver-kubelet-client"
    certificate admin "/O=system:masters/CN=admin"
    certificate controller-manager "/CN=system:kube-controller-manager"
    certificate scheduler "/CN=system:kube-scheduler"
    certificate proxy "/CN=system:kube-proxy"
    certificate kubelet "/O=system:nodes/CN=system:node:$NODE_NAME"
    touch "$PKI/done"
  fi
  kubeconfig admin "$MILLRACE_HOME/kubeconfig" "127.0.0.1"
  kubeconfig controller-manager "$PKI/controller-manager.kubeconfig" "127.0.0.1"
  kubeconfig scheduler "$PKI/scheduler.kubeconfig" "127.0.0.1"
  kubeconfig proxy "$PKI/proxy.kubeconfig" "127.0.0.1"
  kubeconfig kubelet "$PKI/kubelet.kubeconfig" "127.0.0.1"
}

quiet_openssl() { openssl "$@" 2>>"$LOGS/pki.log" || die "openssl $1 failed; the log is $LOGS/pki.log"; }

# certificate NAME SUBJECT [EXTENSION]
certificate() {
  quiet_openssl req -newkey rsa:2048 -nodes -subj "$2" -keyout "$PKI/$1.key" -out "$PKI/$1.csr"
  printf 'extendedKeyUsage=serverAuth,clientAuth\n%s\n' "${3:-}" >"$PKI/$1.ext"
  quiet_openssl x509 -req -in "$PKI/$1.csr" -CA "$PKI/ca.crt" -CAkey "$PKI/ca.key" -CAcreateserial -days $DAYS \
    -extfile "$PKI/$1.ext" -out "$PKI/$1.crt"
  rm "$PKI/$1.csr" "$PKI/$1.ext"
}

# kubeconfig CERTIFICATE FILE HOST
kubeconfig() {
  local file=$2
  cat >"$file.part" <<YAML
apiVersion: v1
kind: Config
clusters:
- name: millrace-local
  cluster:
    server: https://$3:$API_PORT
    certificate-authority-data: $(base64 -w0 "$PKI/ca.crt")
users:
- name: $1
  user:
    client-certificate-data: $(base64 -w0 "$PKI/$1.crt")
    client-key-data: $(base64 -w0 "$PKI/$1.key")
contexts:
- name: millrace-local
  context: {cluster: millrace-local, user: $1}
current-context: millrace-local
YAML
  chmod 600 "$file.part"
  mv "$file.part" "$file"
}

# SPDX-License-Identifier: Apache-2.0
# shellcheck shell=bash
# Images without a registry and without an engine: archives in the form of "docker save".

# layer DIR OUT.tar: a layer whose bytes depend on the files only, not on when or by whom it was made.
layer() {
  tar --create --file "$2" --directory "$1" --sort=name --mtime="@${SOURCE_DATE_EPOCH:-1793491200}" \
    --owner=0 --group=0 --numeric-owner --pax-option=exthdr.name=%d/PaxHeaders/%f,delete=atime,delete=ctime \
    --format=posix .
}

# image OUT.tar NAME CONFIG_JSON LAYER.tar...: CONFIG_JSON is the "config" object (User, Env, Entrypoint ...).
image() {
  local out=$1 name=$2 config=$3 work digest diffs='' files=''
  shift 3
  work=$(mktemp -d)
  for file in "$@"; do
    digest=$(sha256sum "$file" | cut -d' ' -f1)
    ln -s "$(realpath "$file")" "$work/$digest.tar"
    diffs+=",\"sha256:$digest\""
    files+=",\"$digest.tar\""
  done
  printf '{"architecture":"%s","os":"linux","created":"2026-11-01T00:00:00Z","config":%s,"rootfs":{"type":"layers","diff_ids":[%s]},"history":[]}' \
    "$(image_architecture)" "$config" "${diffs#,}" >"$work/config.json"
  printf '[{"Config":"config.json","RepoTags":["%s"],"Layers":[%s]}]' "$name" "${files#,}" >"$work/manifest.json"
  tar --create --dereference --file "$out.part" --directory "$work" --sort=name --mtime=@0 --owner=0 --group=0 \
    --numeric-owner .
  mv "$out.part" "$out"
  rm -r "$work"
}

image_architecture() {
  case $(uname -m) in
    x86_64) echo amd64 ;;
    aarch64) echo arm64 ;;
    *) uname -m ;;
  esac
}

# The cluster's own two images: what holds a pod's namespaces, and a shell for the volume provisioner.
ensure_cluster_images() {
  [ -f "$IMAGES/busybox.tar" ] && [ -f "$IMAGES/pause.tar" ] && return 0
  local root applet
  mkdir -p "$IMAGES"
  root=$(mktemp -d)
  mkdir -p "$root/bin"
  cp /bin/busybox "$root/bin/busybox"
  for applet in sh mkdir rm chmod chown ls cat echo sleep test touch; do ln -s busybox "$root/bin/$applet"; done
  layer "$root" "$IMAGES/busybox.layer"
  image "$IMAGES/busybox.tar" docker.io/millrace/busybox:1 '{"Cmd":["/bin/sh"],"Env":["PATH=/bin"]}' "$IMAGES/busybox.layer"
  image "$IMAGES/pause.tar" docker.io/millrace/pause:1 '{"Entrypoint":["/bin/busybox","sleep","2147483647"]}' "$IMAGES/busybox.layer"
  rm -r "$root" "$IMAGES/busybox.layer"
}

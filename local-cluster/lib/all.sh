# SPDX-License-Identifier: Apache-2.0
# shellcheck shell=bash
# Everything, for the commands that change the cluster. HERE is the folder above this one.

. "$HERE/lib/common.sh"
. "$HERE/lib/processes.sh"
. "$HERE/lib/machine.sh"
. "$HERE/lib/packages.sh"
. "$HERE/lib/build.sh"
. "$HERE/lib/image.sh"
. "$HERE/lib/pki.sh"
. "$HERE/lib/network.sh"
. "$HERE/lib/containers.sh"
. "$HERE/lib/components.sh"

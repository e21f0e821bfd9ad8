# SPDX-License-Identifier: Apache-2.0
# shellcheck shell=bash
# Measurements of delivery workers, which run as processes on servers of their own: see DeliveryThroughput.

measure_delivery() { # WHAT
  local tests
  case $1 in
    all) tests=DeliveryThroughput,ConnectThroughput ;;
    throughput) tests=DeliveryThroughput#measure ;;
    connect) tests=ConnectThroughput ;;
    keys) tests=DeliveryThroughput#measurePartitionKeys ;;
    freshness) tests=DeliveryThroughput#measureFreshness ;;
    idle) tests=DeliveryThroughput#measureIdleMemory ;;
    scaling) tests=DeliveryThroughput#measureScaling ;;
    *) die "unknown measurement '$1'; see --help" ;;
  esac
  local classpath=$ROOT/bench/connect/target/classpath
  mvn -q -f "$ROOT/bench/connect/pom.xml" dependency:build-classpath -Dmdep.outputFile="$classpath" >/dev/null
  (cd "$ROOT" && mvn -q -pl delivery-image -am verify -Dtest=None -Dsurefire.failIfNoSpecifiedTests=false \
    -Dit.test="$tests" -Dfailsafe.failIfNoSpecifiedTests=false -Ddelivery.connect="$classpath") | grep -E 'record|median|idle'
}

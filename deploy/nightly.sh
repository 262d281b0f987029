#!/bin/sh
# The nightly upkeep. It stops at the first thing that goes wrong, so that nothing is deleted from
# a store whose log is not whole, and no older copy goes before a new one is there.
set -eu
umask 077

copies="${UEBERGANG_COPIES:-${UEBERGANG_DATA:?}/copies}"
days="${UEBERGANG_COPIES_DAYS:-30}"
uebergang="$(dirname "$0")/../.venv/bin/uebergang"

mkdir -p "$copies"
"$uebergang" audit verify
"$uebergang" backup "$copies/uebergang-$(date +%Y-%m-%d-%H%M%S).zip"
"$uebergang" retention run
# A copy holds people who asked to be deleted since: it must not outlive its own term.
find "$copies" -name 'uebergang-*.zip' -mtime "+$days" -delete

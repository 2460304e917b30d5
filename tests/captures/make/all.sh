#!/bin/sh
# Makes all captures of tests/captures again, on Debian 12, as root. Takes about fourteen minutes, most of them the
# example capture's own (leave it out with --without-example). See ../README.md.
set -eu
here=$(cd "$(dirname "$0")" && pwd)
out=$(dirname "$here")
[ "$(id -u)" = 0 ] || { echo "all.sh: needs root, for network namespaces" >&2; exit 1; }

DEBIAN_FRONTEND=noninteractive apt-get install -y -q --no-install-recommends \
    bind9-dnsutils curl dnsmasq-base ethtool iproute2 iputils-ping nftables openssl procps python3-venv \
    tcpdump tshark udhcpc wireshark-common zstd >/dev/null

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
python3 -m venv "$work/venv"
"$work/venv/bin/pip" -q install -r "$here/requirements.txt"
python() { PYTHONDONTWRITEBYTECODE=1 "$work/venv/bin/python" "$here/$1.py" "$2"; }

mkdir "$work/out"
for script in names_captures secure_captures clear_captures tun_captures wrap files; do
    python "$script" "$work/out"
done
if [ "${1:-}" != --without-example ]; then
    python example "$work/out/example.pcapng"
fi
chmod 644 "$work/out"/*
mv "$work/out"/* "$out/"

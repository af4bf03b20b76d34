#!/usr/bin/env bash
# Try the course on bare Debian machines as a newcomer does: `make run`, the one command
# that it names, then `make run` and `make test`, and from a clone to lesson 01's first
# cells. A table with times comes last.
#
#   tools/bare_machine.sh [--check] [--folder DIR] [--suites "trixie sid"] [REPOSITORY]
#
# --check   `make check` and lessons 01 and 03 alone, for a quick trial
# --folder  where the machines are made, afresh, about 2 GB each; build/bare if not given
# What is committed in the repository is tried; it is this one unless another is named.
# Needs root, debootstrap, git and a network.
set -euo pipefail

root=$(cd "$(dirname "$0")/.." && pwd)
folder=$root/build/bare suites="trixie sid" repository=$root
commands=("make run" "make test")
while (($#)); do
    case $1 in
        --check) commands=("make check" ".venv/bin/python tools/run_lessons.py 01 03") ;;
        --folder) folder=$2; shift ;;
        --suites) suites=$2; shift ;;
        -*) sed -n '2,11s/^# \{0,1\}//p' "$0"; exit 2 ;;
        *) repository=$1 ;;
    esac
    shift
done
repository=$(cd "$repository" && pwd)
[ "$(id -u)" = 0 ] || { echo "This needs root."; exit 2; }
command -v debootstrap > /dev/null || { echo "apt-get install debootstrap"; exit 2; }

# Reach the network as this machine does: certificates, pip's and apt's settings.
share_network() {
    local file
    for file in /etc/resolv.conf /etc/hosts /etc/pip.conf /etc/xdg/pip \
            /etc/ssl/certs/ca-certificates.crt /etc/apt/auth.conf.d \
            $(grep -ls '^Acquire' /etc/apt/apt.conf.d/*); do
        [ -e "$file" ] || continue
        mkdir -p "$machine${file%/*}"
        cp -rL "$file" "$machine${file%/*}/"
    done
}

# Run a command in the machine's copy of the course. Its processes end with it.
inside() {
    local kept
    mapfile -t kept < <(env | grep -iE '^(pip_cert|pip_index_url|ssl_cert_file|[a-z]+_proxy)=')
    unshare --mount --pid --fork --kill-child bash -c '
        mount -t proc proc "$0/proc" && mount --rbind /dev "$0/dev" &&
        exec chroot "$0" "$@"' "$machine" \
        env -i "${kept[@]}" HOME=/home/learner LANG=C.UTF-8 PATH="$PATH_INSIDE" \
        sh -c "cd /home/learner/course && $1"
}
PATH_INSIDE=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin

# Run a command inside, show and keep what it prints, and note how it ended.
step() {
    local status=0 start=$SECONDS
    echo "== $suite: $1"
    inside "$1" 2>&1 | tee "$folder/$suite.log" || status=$?
    table+=$(printf '%-8s %-8s %-58.58s %4s %6s' "$suite" "$python" "$1" "$status" \
        "$((SECONDS - start)) s")$'\n'
    return "$status"
}

table="" failed=0
try() {
    machine=$folder/$suite
    rm -rf "$machine" && mkdir -p "$machine"
    debootstrap --variant=minbase \
        --include=python3,python3-venv,make,git,ca-certificates "$suite" "$machine" \
        > "$folder/$suite-debootstrap.log" || return
    share_network
    git clone --quiet --no-hardlinks "$repository" "$machine/home/learner/course" || return
    python=$(inside "python3 --version") && python=${python#Python }
    if step "${commands[0]}"; then
        echo "nothing was missing: this machine is not bare"; return 1
    fi
    step "$(sed -n 's/^ *\(apt-get .*\)/\1/p' "$folder/$suite.log")" || return
    step "${commands[0]}" || return
    # Tests compile small libraries. Not sooner: gcc brings what the course lacks here.
    inside "apt-get install -y gcc libc6-dev" > "$folder/$suite-gcc.log" || return
    step "${commands[1]}" || return
    step "python3 benchmarks/first_cell.py" || return
}
for suite in $suites; do
    try || failed=1
done
printf '\n%s' "$table"
exit "$failed"

extension RunScript {
  /// The part of the script that is the same in all machines.
  static let functions = #"""
    say() { printf '%s: %s\n' "$name" "$*"; }
    die() {
      printf '%s: %s\n' "$name" "$*" >&2
      exit 1
    }
    usage() {
      sed -n '/^# Usage/,/^#   screenshot/s/^# //p' "${BASH_SOURCE[0]}" >&2
      exit 2
    }

    # The process number of this machine's QEMU; fails where it does not run. The number alone proves nothing: it may
    # belong to another program by now.
    running() {
      local pid=''
      [[ -r $here/qemu.pid ]] || return 1
      read -r pid <"$here/qemu.pid" || true
      [[ $pid =~ ^[0-9]+$ && -r /proc/$pid/cmdline ]] || return 1
      grep -zxqF -e "$here/qemu.pid" "/proc/$pid/cmdline" 2>/dev/null || return 1
      printf '%s' "$pid"
    }

    # A KVM that is there may still not run: an empty machine must be running after a second on it.
    kvm_works() {
      [[ -r /dev/kvm && -w /dev/kvm ]] || return 1
      {
        sleep 1
        printf '{"execute":"%s"}\n' qmp_capabilities query-status quit
      } | timeout 30 "$qemu" -accel kvm -cpu host -machine q35 -m 64 -nodefaults -no-user-config -display none \
        -qmp stdio 2>/dev/null | grep '"status": "running"' >/dev/null
    }

    # QEMU's monitor reads commands from a named pipe. Opened for both directions, it never blocks.
    monitor() { printf '%s\n' "$1" 1<>"$here/monitor.in"; }

    # gone SECONDS: waits for the machine's end.
    gone() {
      local tries
      for ((tries = 0; tries < $1 * 10; tries++)); do
        running >/dev/null || return 0
        sleep 0.1
      done
      return 1
    }

    """#

  static let commands = #"""
    start() {
      local foreground='' choice=$accelerator pid
      while (($#)); do
        case $1 in
          --foreground) foreground=yes ;;
          --accel)
            [[ ${2:-} =~ ^(auto|kvm|tcg)$ ]] || usage
            choice=$2
            shift
            ;;
          *) usage ;;
        esac
        shift
      done
      if pid=$(running); then
        say "already running (process $pid)"
        return
      fi
      command -v "$qemu" >/dev/null || die "$qemu is not installed"
      [[ -z $firmware || -r $firmware ]] || die "the UEFI firmware $firmware is missing; install OVMF"
      if [[ $choice == auto ]]; then
        choice=tcg
        if kvm_works; then choice=kvm; else say "KVM does not work here; emulating the processor (slow)"; fi
      fi
      case $choice in
        kvm) arguments+=(-accel kvm -cpu host) ;;
        tcg) arguments+=(-accel tcg,thread=multi -cpu max) ;;
      esac
      cd "$here"
      rm -f monitor.in monitor.out
      mkfifo -m 600 monitor.in monitor.out
      if [[ -n $foreground ]]; then
        exec "$qemu" "${arguments[@]}" -vnc unix:vnc.sock -serial chardev:serial \
          -chardev "stdio,id=serial,signal=off,logfile=$option/serial.log"
      fi
      "$qemu" "${arguments[@]}" -daemonize -vnc unix:vnc.sock -serial chardev:serial \
        -chardev "socket,id=serial,server=on,wait=off,path=serial.sock,logfile=$option/serial.log,logappend=off" </dev/null
      say "running with $choice (process $(running))"
    }

    stop() {
      local pid now=''
      case ${1:-} in
        '') ;;
        --now) now=yes ;;
        *) usage ;;
      esac
      if ! running >/dev/null; then
        say stopped
        return
      fi
      if [[ -z $now ]]; then
        monitor system_powerdown
        if gone "$grace"; then
          say stopped
          return
        fi
        say "the guest did not shut down in $grace seconds; ending it"
      fi
      monitor quit
      if ! gone 10 && pid=$(running); then
        kill -KILL "$pid" 2>/dev/null || true
        gone 5 || die "process $pid does not end"
      fi
      say stopped
    }

    status() {
      local pid
      if pid=$(running); then
        say "running (process $pid)"
      else
        say stopped
        exit 3
      fi
    }

    console() {
      running >/dev/null || die "not running"
      cd "$here"
      if command -v socat >/dev/null && [[ -t 0 ]]; then
        say "Ctrl-] leaves"
        socat STDIO,raw,echo=0,escape=0x1d UNIX-CONNECT:serial.sock
      else
        say "read only (install socat to type); Ctrl-C leaves"
        tail -n +1 -f serial.log
      fi
    }

    screenshot() {
      [[ -n ${1:-} ]] || usage
      running >/dev/null || die "not running"
      local work tries
      # QEMU's monitor splits paths at spaces: the picture is taken where there is none.
      work=$(mktemp -d /tmp/screenshot.XXXXXX)
      monitor "screendump $work/screen.png -f png"
      for ((tries = 0; tries < 100; tries++)); do
        if [[ -s $work/screen.png ]] && tail -c 12 "$work/screen.png" | grep -aq IEND; then
          mv "$work/screen.png" "$1"
          rmdir "$work"
          return
        fi
        sleep 0.1
      done
      rm -rf "$work"
      die "QEMU took no picture"
    }

    command=${1:-}
    (($#)) && shift
    case $command in
      start | stop | status | console | screenshot) "$command" "$@" ;;
      *) usage ;;
    esac

    """#
}

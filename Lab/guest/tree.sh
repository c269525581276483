# shellcheck shell=bash
# The guest's root tree: bootstrapped once from the Debian mirror this machine already uses, pruned to what a boot needs,
# and kept as a tar named after the content of this recipe. Sourced by make-guest.

tree_suite=bookworm
# dbus: without it systemd-logind does not hear the power button.
tree_packages=systemd-sysv,dbus,udev,kmod,initramfs-tools,zstd,linux-image-amd64,linux-base,grub2-common,grub-pc-bin
tree_packages+=,grub-efi-amd64-bin,iproute2,netbase,isc-dhcp-client,ifupdown
# For guests with logical volumes, and for those whose initramfs is of the kind that Red Hat and SUSE have.
tree_packages+=,lvm2,dracut-core

# debian_mirror: the URI of a Debian archive, from apt's own reading of its configuration (one-line and deb822 alike).
debian_mirror() {
  local uri
  if [[ -n ${ASCEND_DEBIAN_MIRROR:-} ]]; then
    printf '%s' "$ASCEND_DEBIAN_MIRROR"
    return
  fi
  need apt-get apt
  # shellcheck disable=SC2016  # the dollar signs are apt's own
  uri=$(apt-get indextargets --format '$(COMPONENT) $(RELEASE) $(REPO_URI)' 'Created-By: Packages' 2>/dev/null |
    awk -v suite="$tree_suite" '
      $1 != "main" { next }
      $2 == suite && !best { best = $3 }
      $2 ~ /^(trixie|forky|sid|bullseye|stable|oldstable|testing|unstable)$/ && !other { other = $3 }
      END { print best ? best : other }')
  [[ -n $uri ]] || die "apt on this machine names no Debian archive; set ASCEND_DEBIAN_MIRROR to the URL of one"
  printf '%s' "${uri%/}"
}

# The download tool that debootstrap runs does not read apt's configuration, so its proxies are handed over.
export_apt_proxies() {
  local http='' https=''
  eval "$(apt-config shell http Acquire::http::Proxy https Acquire::https::Proxy 2>/dev/null || true)"
  if [[ -n $http && $http != DIRECT ]]; then export http_proxy=${http_proxy:-$http}; fi
  if [[ -n $https && $https != DIRECT ]]; then export https_proxy=${https_proxy:-$https}; fi
}

tree_key() {
  cat "$lab/guest/tree.sh" "$lab/guest/modules" | sha256sum | cut -c1-16
}

# prune_modules ROOT: delete every kernel module that is neither kept by the list nor needed by one that is.
prune_modules() {
  local root=$1 version
  version=$(ls "$root/lib/modules")
  (
    cd "$root/lib/modules/$version"
    grep -v -e '^#' -e '^$' "$lab/guest/modules" | sed 's|.*|^kernel/&$|' >"$work/keep"
    cut -d: -f1 modules.dep | grep -E -f "$work/keep" >"$work/kept"
    awk 'NR == FNR { kept[$1]; next } { sub(":", "", $1); if ($1 in kept) for (i = 1; i <= NF; i++) print $i }' \
      "$work/kept" modules.dep | sort -u >"$work/needed"
    find kernel -name '*.ko*' | sort | comm -23 - "$work/needed" | tr '\n' '\0' | xargs -0 rm -f
    find kernel -type d -empty -delete
  )
  chroot "$root" depmod "$version"
}

# make_devices ROOT: what the guest's own tools want to find in /dev. Where nodes may not be made, as in a user namespace,
# this machine's are lent.
make_devices() {
  local root=$1 node
  for node in 'null 1 3' 'zero 1 5' 'random 1 8' 'urandom 1 9' 'tty 5 0' 'console 5 1'; do
    # shellcheck disable=SC2086  # three words
    set -- $node
    [[ -e $root/dev/$1 ]] && continue
    if ! mknod -m 666 "$root/dev/$1" c "$2" "$3" 2>/dev/null; then
      : >"$root/dev/$1"
      mount --bind "/dev/$1" "$root/dev/$1" 2>/dev/null || rm -f "$root/dev/$1"
    fi
  done
}

# remove_devices ROOT: a running machine makes its own.
remove_devices() {
  umount "$1"/dev/* 2>/dev/null || true
  find "$1/dev" -mindepth 1 -delete
}

prune_tree() {
  local root=$1 unit
  rm -rf "$root"/usr/share/{doc,man,locale,info,lintian,bash-completion} "$root"/usr/lib/udev/hwdb.{bin,d} \
    "$root"/var/cache/apt/*.bin "$root"/var/cache/apt/archives/*.deb "$root"/var/lib/apt/lists/* \
    "$root"/var/log/*.log "$root"/boot/System.map-*
  # Work that a boot under emulation should not spend time on.
  for unit in apt-daily.timer apt-daily-upgrade.timer dpkg-db-backup.timer e2scrub_all.timer e2scrub_reap.service \
    fstrim.timer systemd-timesyncd.service remote-fs.target systemd-pstore.service lvm2-monitor.service \
    blk-availability.service lvm2-lvmpolld.socket; do
    rm -f "$root"/etc/systemd/system/*.wants/"$unit"
  done
  for unit in systemd-update-utmp.service systemd-update-utmp-runlevel.service systemd-random-seed.service \
    sys-kernel-debug.mount sys-kernel-tracing.mount dev-hugepages.mount systemd-binfmt.service systemd-firstboot.service \
    proc-sys-fs-binfmt_misc.automount systemd-machine-id-commit.service ldconfig.service; do
    ln -sf /dev/null "$root/etc/systemd/system/$unit"
  done
  prune_modules "$root"
}

# make_tree TAR: bootstrap, prune, and put the tar in place in one rename.
make_tree() {
  local tar=$1 mirror root=$work/tree
  need debootstrap debootstrap
  mirror=$(debian_mirror)
  export_apt_proxies
  step "bootstrapping Debian $tree_suite (once: kept in $cache)"
  # INITRD=No: the kernel's own initramfs would be thrown away, each guest gets one of its own.
  # container=lxc: where it may not make device nodes, as in a user namespace, debootstrap borrows this machine's.
  [[ -n ${LAB_USER_NAMESPACE:-} ]] && export container=lxc
  if ! INITRD=No DEBIAN_FRONTEND=noninteractive LC_ALL=C debootstrap --variant=minbase --include="$tree_packages" \
    "$tree_suite" "$root" "$mirror" >"$work/debootstrap.log" 2>&1; then
    tail -n 15 "$work/debootstrap.log" >&2
    die "debootstrap failed: the lines above are the end of its log"
  fi
  step "pruning the tree"
  prune_tree "$root"
  tar -C "$root" --numeric-owner --exclude='./dev/*' --exclude='./proc/*' --exclude='./sys/*' -cf "$tar.$$" .
  mv "$tar.$$" "$tar"
  rm -rf "$root"
  step "root tree ready ($(($(stat -c %s "$tar") / 1048576)) MiB)"
}

# shellcheck shell=bash
# Turns the bootstrapped tree into one particular machine: name, password, consoles, fstab, initramfs, boot menu.
# Sourced by make-guest.

# The console of a server that has both a screen and a serial port.
kernel_arguments='console=tty0 console=ttyS0,115200'

write_fstab() {
  local root=$1 device="UUID=$root_uuid"
  [[ $fstab == device ]] && device=/dev/sda$root_partition
  {
    printf '# <file system> <mount point> <type> <options> <dump> <pass>\n'
    if [[ $layout == lvm ]]; then
      printf '/dev/mapper/vg-root / ext4 errors=remount-ro 0 1\n'
      printf 'UUID=%s /boot ext4 defaults 0 2\n' "$boot_uuid"
    else
      printf '%s / ext4 errors=remount-ro 0 1\n' "$device"
    fi
    if [[ $firmware == uefi ]]; then
      mkdir -p "$root/boot/efi"
      device="UUID=${esp_id:0:4}-${esp_id:4:4}"
      [[ $fstab == device ]] && device=/dev/sda1
      printf '%s /boot/efi vfat umask=0077 0 1\n' "$device"
    fi
    if [[ -n $data_disk ]]; then
      mkdir -p "$root/data"
      device="UUID=$data_uuid"
      [[ $fstab == device ]] && device=/dev/sdb1
      printf '%s /data ext4 defaults,nofail,x-systemd.device-timeout=20s 0 2\n' "$device"
    fi
  } >"$root/etc/fstab"
}

write_identity() {
  local root=$1
  printf '%s\n' "$hostname" >"$root/etc/hostname"
  printf '127.0.0.1 localhost\n127.0.1.1 %s\n' "$hostname" >"$root/etc/hosts"
  printf 'root:root\n' | chroot "$root" chpasswd
  # A fresh machine id each time; an empty one would start the first-boot machinery at every boot of a snapshot.
  new_uuid | tr -d - >"$root/etc/machine-id"
  write_network "$root"
}

# ens192 is what the first adapter of a VMware machine is called.
write_network() {
  {
    printf 'auto lo\niface lo inet loopback\n\n'
    if [[ $network == dhcp ]]; then
      printf 'allow-hotplug ens192\niface ens192 inet dhcp\n'
    else
      printf 'auto ens192\niface ens192 inet static\n  address %s\n  gateway %s.2\n' "$network" "${network%.*}"
    fi
  } >"$1/etc/network/interfaces"
}

write_consoles() {
  local root=$1 wants=$root/etc/systemd/system/getty.target.wants
  mkdir -p "$wants"
  ln -sf /lib/systemd/system/serial-getty@.service "$wants/serial-getty@ttyS0.service"
  ln -sf /lib/systemd/system/getty@.service "$wants/getty@tty1.service"
  install -m 755 "$lab/guest/beacon" "$root/usr/local/sbin/beacon"
  install -m 644 "$lab/guest/beacon.service" "$root/etc/systemd/system/beacon.service"
  mkdir -p "$root/etc/systemd/system/multi-user.target.wants"
  ln -sf /etc/systemd/system/beacon.service "$root/etc/systemd/system/multi-user.target.wants/beacon.service"
}

write_initramfs() {
  local root=$1
  if [[ $initramfs == dracut ]]; then
    write_dracut "$root"
    return
  fi
  if [[ $modules != most ]]; then
    sed -i 's/^MODULES=.*/MODULES=list/' "$root/etc/initramfs-tools/initramfs.conf"
    {
      printf '# The modules of the hardware that this machine was installed on.\n'
      tr -s ' ,' '\n' <<<"$modules"
    } >"$root/etc/initramfs-tools/modules"
  fi
  chroot "$root" update-initramfs -c -k "$kernel" >"$work/initramfs.log" 2>&1 || {
    tail -n 10 "$work/initramfs.log" >&2
    die "the guest's initramfs cannot be built"
  }
}

# What dracut makes, with the disk drivers in $modules and no other.
write_dracut() {
  local root=$1 module others=''
  for module in virtio_pci virtio_blk virtio_scsi vmw_pvscsi mptspi mptsas ahci ata_piix nvme hv_storvsc xen_blkfront \
    BusLogic sym53c8xx mpt3sas megaraid_sas; do
    [[ " $modules " == *" $module "* ]] || others+=" $module"
  done
  # shellcheck disable=SC2086  # modules are words
  chroot "$root" dracut --force --no-hostonly --kver "$kernel" --add "base systemd lvm" --omit "network nfs plymouth" \
    --add-drivers "$modules" --omit-drivers "${others# }" "/boot/initrd.img-$kernel" >"$work/initramfs.log" 2>&1 || {
    tail -n 10 "$work/initramfs.log" >&2
    die "the guest's initramfs cannot be built"
  }
  # As on a Debian with dracut: its package takes the other one's place.
  rm -rf "$root/etc/initramfs-tools" "$root/usr/sbin/update-initramfs"
}

# The menu as grub-mkconfig writes it; the tool itself wants to see the disk, and the disk does not exist yet.
write_boot_menu() {
  local root=$1 root_argument="UUID=$root_uuid" without_uuid=false volume_uuid=$root_uuid prefix=/boot
  if [[ $fstab == device ]]; then
    root_argument=/dev/sda$root_partition
    without_uuid=true
  fi
  if [[ $layout == lvm ]]; then
    root_argument=/dev/mapper/vg-root volume_uuid=$boot_uuid prefix=
  fi
  # It gives up sooner than in its own three minutes.
  if [[ $initramfs == dracut ]]; then root_argument+=' rd.lvm.lv=vg/root rd.retry=20'; fi
  cat >"$root/etc/default/grub" <<DEFAULTS
GRUB_DEFAULT=0
GRUB_TIMEOUT=0
GRUB_DISTRIBUTOR=Debian
GRUB_CMDLINE_LINUX_DEFAULT="quiet"
GRUB_CMDLINE_LINUX="$kernel_arguments"
GRUB_DISABLE_LINUX_UUID=$without_uuid
GRUB_TERMINAL="serial console"
DEFAULTS
  mkdir -p "$root/boot/grub"
  cat >"$root/boot/grub/grub.cfg" <<MENU
#
# DO NOT EDIT THIS FILE
#
# It is automatically generated by grub-mkconfig using templates
# from /etc/grub.d and settings from /etc/default/grub
#

### BEGIN /etc/grub.d/00_header ###
set default="0"
if [ x"\${feature_menuentry_id}" = xy ]; then
  menuentry_id_option="--id"
else
  menuentry_id_option=""
fi
export menuentry_id_option
serial --unit=0 --speed=115200
terminal_input serial console
terminal_output serial console
set timeout=0
### END /etc/grub.d/00_header ###

### BEGIN /etc/grub.d/10_linux ###
menuentry 'Debian GNU/Linux' --class debian --class gnu-linux --class gnu --class os \$menuentry_id_option 'gnulinux-simple-$root_uuid' {
	insmod gzio
	insmod $partition_module
	insmod ext2
	search --no-floppy --fs-uuid --set=root $volume_uuid
	echo	'Loading Linux $kernel ...'
	linux	$prefix/vmlinuz-$kernel root=$root_argument ro $kernel_arguments quiet
	echo	'Loading initial ramdisk ...'
	initrd	$prefix/initrd.img-$kernel
}
### END /etc/grub.d/10_linux ###
MENU
}

customise() {
  local root=$1
  kernel=$(ls "$root/lib/modules")
  write_fstab "$root"
  write_identity "$root"
  write_consoles "$root"
  write_boot_menu "$root"
  write_initramfs "$root"
}

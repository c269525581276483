# shellcheck shell=bash
# From a root tree to a partitioned, bootable raw disk, without a loop device or a mount. Sourced by make-guest.

sectors_per_mib=2048
esp_mib=32

# All that either firmware's boot loader needs until it can read its menu.
grub_modules=(part_msdos part_gpt ext2 search search_fs_uuid configfile normal linux gzio serial terminal echo minicmd
  test)

# put FILE DISK MIB: copies a file system image into a disk, zeros left out.
put() { dd if="$1" of="$2" bs=1M seek="$3" conv=notrunc,sparse status=none; }

# make_ext4 FILE MIB UUID LABEL [TREE]
make_ext4() {
  truncate -s "$2M" "$1"
  mke2fs -q -F -t ext4 -U "$3" -L "$4" ${5:+-d "$5"} "$1" 2>"$work/mke2fs.log" ||
    die "the file system does not fit: $(tail -n 1 "$work/mke2fs.log"); give a larger --size-mib"
}

early_menu() {
  # shellcheck disable=SC2016  # the dollar signs are grub's own
  printf 'search.fs_uuid %s root\nset prefix=($root)/boot/grub\nconfigfile $prefix/grub.cfg\n' "$root_uuid" \
    >"$work/early.cfg"
}

# GRUB in the gap after the MBR: boot.img's code in sector 0 loads core.img from sector 1 on, its default.
install_bios_loader() {
  local disk=$1 images=$2/i386-pc
  grub-mkimage -O i386-pc -d "$images" -c "$work/early.cfg" -p /boot/grub -o "$work/core.img" \
    biosdisk "${grub_modules[@]}"
  (($(stat -c %s "$work/core.img") < 2047 * 512)) || die "the boot loader is too large for the gap after the MBR"
  dd if="$images/boot.img" of="$disk" bs=440 count=1 conv=notrunc status=none
  dd if="$work/core.img" of="$disk" bs=512 seek=1 conv=notrunc status=none
}

install_uefi_loader() {
  local disk=$1 images=$2/x86_64-efi
  grub-mkimage -O x86_64-efi -d "$images" -c "$work/early.cfg" -p /boot/grub -o "$work/grubx64.efi" \
    fat efi_gop "${grub_modules[@]}"
  truncate -s "${esp_mib}M" "$work/esp.img"
  mkfs.vfat -i "$esp_id" -n ESP "$work/esp.img" >/dev/null
  mmd -i "$work/esp.img" ::EFI ::EFI/BOOT ::EFI/debian
  mcopy -i "$work/esp.img" "$work/grubx64.efi" ::EFI/debian/grubx64.efi
  mcopy -i "$work/esp.img" "$work/grubx64.efi" ::EFI/BOOT/BOOTX64.EFI
  put "$work/esp.img" "$disk" 1
}

# make_disk TREE DISK
make_disk() {
  local tree=$1 disk=$2 first=1 length
  [[ $firmware == uefi ]] && first=$((1 + esp_mib))
  # The last MiB stays free: a GPT keeps its second copy there.
  length=$((size_mib - first - 1))
  truncate -s "${size_mib}M" "$disk"
  if [[ $firmware == bios ]]; then
    printf 'label: dos\nstart=%d,size=%d,type=83,bootable\n' \
      $((first * sectors_per_mib)) $((length * sectors_per_mib)) | sfdisk -q "$disk"
  else
    printf 'label: gpt\nstart=%d,size=%d,type=U,name=ESP\nstart=%d,size=%d,type=L,name=root\n' \
      "$sectors_per_mib" $((esp_mib * sectors_per_mib)) \
      $((first * sectors_per_mib)) $((length * sectors_per_mib)) | sfdisk -q "$disk"
  fi
  make_ext4 "$work/root.ext4" "$length" "$root_uuid" root "$tree"
  put "$work/root.ext4" "$disk" "$first"
  early_menu
  "install_${firmware}_loader" "$disk" "$tree/usr/lib/grub"
}

# make_data_disk DISK: a second disk with one file system and a file to recognise it by.
make_data_disk() {
  local disk=$1 mib=64
  mkdir -p "$work/data"
  printf 'The data disk of %s\n' "$hostname" >"$work/data/README"
  head -c 4194304 /dev/urandom >"$work/data/random.bin"
  (cd "$work/data" && sha256sum random.bin >SHA256SUMS)
  truncate -s "${mib}M" "$disk"
  printf 'label: dos\nstart=%d,type=83\n' "$sectors_per_mib" | sfdisk -q "$disk"
  make_ext4 "$work/data.ext4" $((mib - 1)) "$data_uuid" data "$work/data"
  put "$work/data.ext4" "$disk" 1
}

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

# early_menu UUID FOLDER: the file system and the folder on it in which the menu is.
early_menu() {
  # shellcheck disable=SC2016  # the dollar signs are grub's own
  printf 'search.fs_uuid %s root\nset prefix=($root)%s\nconfigfile $prefix/grub.cfg\n' "$1" "$2" >"$work/early.cfg"
}

# little_endian SECTOR: eight bytes
little_endian() {
  local rest=$1 place
  for place in 0 1 2 3 4 5 6 7; do
    # shellcheck disable=SC2059  # an escape sequence
    printf "\\x$(printf '%02x' $(((rest >> (8 * place)) & 255)))"
  done
}

# install_bios_loader DISK IMAGES [SECTOR]: boot.img's code in sector 0 loads core.img from SECTOR on. That is 1 by
# default, in the gap after an MBR; on a GPT disk it is a partition for it, and both images are told of it.
install_bios_loader() {
  local disk=$1 images=$2/i386-pc sector=${3:-1}
  grub-mkimage -O i386-pc -d "$images" -c "$work/early.cfg" -p /boot/grub -o "$work/core.img" \
    biosdisk "${grub_modules[@]}"
  (($(stat -c %s "$work/core.img") < 2047 * 512)) || die "the boot loader is too large for the gap after the MBR"
  dd if="$images/boot.img" of="$disk" bs=440 count=1 conv=notrunc status=none
  if ((sector != 1)); then
    little_endian "$sector" | dd of="$disk" bs=1 seek=$((0x5c)) conv=notrunc status=none
    little_endian $((sector + 1)) | dd of="$work/core.img" bs=1 seek=$((0x1f4)) conv=notrunc status=none
  fi
  dd if="$work/core.img" of="$disk" bs=512 seek="$sector" conv=notrunc status=none
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

# make_lvm_disk TREE DISK: BIOS on GPT, /boot on its own, the root on a logical volume. What only a kernel can make, the
# libguestfs appliance makes.
make_lvm_disk() {
  local tree=$1 disk=$2 boot_mib=100 length
  length=$((size_mib - 2 - boot_mib - 1))
  truncate -s "${size_mib}M" "$disk"
  printf 'label: gpt\nstart=%d,size=%d,type=21686148-6449-6E6F-744E-656564454649,name=bios\n' \
    "$sectors_per_mib" "$sectors_per_mib" >"$work/table"
  printf 'start=%d,size=%d,type=L,name=boot\nstart=%d,size=%d,type=E6D6D379-F507-44C2-A23C-238F2A3DF928,name=volumes\n' \
    $((2 * sectors_per_mib)) $((boot_mib * sectors_per_mib)) $(((2 + boot_mib) * sectors_per_mib)) \
    $((length * sectors_per_mib)) >>"$work/table"
  sfdisk -q "$disk" <"$work/table"
  mkdir "$work/boot"
  mv "$tree/boot"/* "$work/boot/"
  make_ext4 "$work/boot.ext4" "$boot_mib" "$boot_uuid" boot "$work/boot"
  put "$work/boot.ext4" "$disk" 2
  # Volumes grow in steps of four mebibytes, and their description needs one.
  make_ext4 "$work/root.ext4" $((length / 4 * 4 - 8)) "$root_uuid" root "$tree"
  LIBGUESTFS_BACKEND=direct LIBGUESTFS_BACKEND_SETTINGS=force_tcg guestfish <<VOLUMES >"$work/volumes.log" 2>&1 ||
add-drive $disk format:raw
add-drive $work/root.ext4 format:raw readonly:true
run
pvcreate /dev/sda3
vgcreate vg /dev/sda3
lvcreate-free root vg 100
copy-device-to-device /dev/sdb /dev/vg/root sparse:true
VOLUMES
    die "the guest's volumes cannot be made: $(tail -n 1 "$work/volumes.log")"
  early_menu "$boot_uuid" /grub
  install_bios_loader "$disk" "$tree/usr/lib/grub" "$sectors_per_mib"
}

# make_disk TREE DISK
make_disk() {
  local tree=$1 disk=$2 first=1 length
  if [[ $layout == lvm ]]; then
    make_lvm_disk "$tree" "$disk"
    return
  fi
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
  early_menu "$root_uuid" /boot/grub
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

import Support

/// Which boot loader starts a Linux guest. Its filesystems must be mounted.
struct LoaderSurvey {
  let guest: GuestfsHandle

  private static let loaderFiles =
    "/{boot/{grub,grub2}/{grub.cfg,menu.lst,grub.conf},boot/efi/EFI/*/{grub.cfg,grub.conf}"
    + ",{boot,boot/efi,efi}/{loader/{loader.conf,entries/*.conf},EFI/systemd/systemd-boot*.efi}"
    + ",boot/{extlinux.conf,syslinux.cfg,extlinux/extlinux.conf,syslinux/syslinux.cfg},etc/lilo.conf}"

  /// `grub2`, `bls` (GRUB 2 that reads boot loader entries), `systemd-boot`, `grub-legacy`, `extlinux`, `lilo`.
  func bootLoader() throws(AscendError) -> String? {
    let files = try guest.glob(Self.loaderFiles)
    let kind = Self.bootLoader(files)
    guard kind == "grub2", files.contains(where: { $0.contains("/loader/entries/") }) else { return kind }
    for path in files where path.hasSuffix("/grub.cfg") {
      if try guest.readText(path, limit: 4 << 20)?.contains("blscfg") == true { return "bls" }
    }
    return kind
  }

  static func bootLoader(_ files: [String]) -> String? {
    func has(_ ends: String...) -> Bool { files.contains { file in ends.contains { file.hasSuffix($0) } } }
    if has("/grub.cfg") { return "grub2" }
    if files.contains(where: { $0.contains("/EFI/systemd/systemd-boot") }) || has("/loader/loader.conf") {
      return "systemd-boot"
    }
    if has("/menu.lst", "/grub.conf") { return "grub-legacy" }
    if has("extlinux.conf", "syslinux.cfg") { return "extlinux" }
    return has("/lilo.conf") ? "lilo" : nil
  }
}

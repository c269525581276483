import CGuestfs
import Support

/// What the EFI system partition must hold so that the restored machine finds Windows without boot entries, which lie
/// in the old machine's variables, and shows something while it starts.
struct WindowsLoader {
  private static let espType = "C12A7328-F81F-11D2-BA4B-00A0C93EC93B"
  private static let manager = "/EFI/Microsoft/Boot/bootmgfw.efi"
  private static let store = "/EFI/Microsoft/Boot/BCD"
  /// The boot manager's own entry, its default entry, and the setting "no graphics mode", which leaves the screen of
  /// many virtual machines dark.
  private static let managerEntry = "{9dea862c-5cdd-4e70-acc1-f32b344d4795}"
  private static let defaultEntry = "23000003"
  private static let noGraphics = "16000046"

  let guest: GuestfsHandle
  let architecture: WindowsTarget.Architecture

  private var fallback: String {
    switch architecture {
    case .amd64: "/EFI/Boot/bootx64.efi"
    case .x86: "/EFI/Boot/bootia32.efi"
    case .arm64: "/EFI/Boot/bootaa64.efi"
    }
  }

  /// To be called with nothing mounted; leaves nothing mounted.
  func install() throws(AscendError) -> (changes: [PreparationReport.FileChange], warnings: [String]) {
    var changes: [PreparationReport.FileChange] = []
    var found = false
    for device in try systemPartitions() {
      do throws(AscendError) {
        try guest.mount(device, at: "/", readOnly: false)
      } catch {
        guard error.code == "guest.callFailed" else { throw error }
        continue
      }
      // FAT does not tell capitals from small letters: these find the files however they are written.
      if try guest.isFile(Self.manager) {
        found = true
        changes += try copyManager() + allowGraphics()
      }
      try guest.run("writing to disk") { guestfs_sync($0) }
      try guest.unmountAll()
    }
    guard !found else { return (changes, []) }
    return (changes, ["No EFI system partition has Windows' boot manager: the machine may not start with UEFI."])
  }

  private func systemPartitions() throws(AscendError) -> [String] {
    var devices: [String] = []
    for disk in try guest.disks() where try guest.partitionTable(disk) == "gpt" {
      for number in try guest.partitionNumbers(disk)
      where try guest.gptType(disk, number)?.uppercased() == Self.espType {
        devices.append("\(disk)\(number)")
      }
    }
    return devices
  }

  private func copyManager() throws(AscendError) -> [PreparationReport.FileChange] {
    let manager = try guest.read(Self.manager, limit: 16 << 20)
    // A loader of another system may be there, and is not ours to replace.
    guard try !guest.isFile(fallback) else { return [] }
    try guest.makeFolder("/EFI/Boot")
    try FreeSpace.require(Int64(manager.count) + 64 << 10, at: "/", guest)
    _ = try guest.install(manager, at: fallback)
    return [.init(path: "ESP:\(fallback)", after: "a copy of \(Self.manager)")]
  }

  private func allowGraphics() throws(AscendError) -> [PreparationReport.FileChange] {
    guard try guest.isFile(Self.store) else { return [] }
    return try RegistryHive.with(guest, Self.store, writable: true) { hive throws(AscendError) in
      let entry = try hive.value(["Objects", Self.managerEntry, "Elements", Self.defaultEntry], "Element")?.text
      guard let entry else { return [] }
      let key = ["Objects", entry, "Elements", Self.noGraphics]
      guard try hive.has(key) else { return [] }
      try hive.apply(.deleteKey(key))
      try hive.commit()
      return [.init(path: "ESP:\(Self.store)", before: "graphicsmodedisabled", after: nil)]
    }
  }
}

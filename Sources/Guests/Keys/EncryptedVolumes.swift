import CGuestfs
import ConnectorProtocol
import Support

/// Opens a machine's encrypted volumes in the appliance with the keys that were given. Nothing may be mounted.
struct EncryptedVolumes {
  /// Volumes in volumes (LUKS on LVM on LUKS): more rounds than any machine has.
  private static let mostRounds = 4
  private static let mostVolumes = 32
  /// What cryptsetup says when a key is not the right one; anything else is another obstacle.
  private static let refusals = ["No key available", "No usable keyslot"]

  let guest: GuestfsHandle
  let keys: [DiskKey]

  private struct Volume {
    var device: String
    var type: String
    var uuid: String?

    func isNamed(by key: DiskKey) -> Bool {
      guard let name = key.volume?.lowercased() else { return true }
      return name == device.lowercased() || name == uuid?.lowercased()
    }
  }

  /// - Returns: What people should know of it.
  /// - Throws: `guest.wrongKey` where a volume that a key names is not opened by it, or none is opened by any key.
  func open() throws(AscendError) -> [String] {
    guard !keys.isEmpty else { return [] }
    var failures: [(volume: Volume, reason: String?)] = []
    for _ in 0..<Self.mostRounds {
      let tried = Set(failures.map(\.volume.device) + guest.opened.map(\.device))
      let found = try Self.volumes(guest, guest.contents()).filter { !tried.contains($0.device) }
      guard !found.isEmpty else { break }
      let before = guest.opened.count
      for volume in found.prefix(Self.mostVolumes) {
        switch try open(volume) {
        case .opened: break
        case .notOpened(let reason): failures.append((volume, reason))
        }
      }
      // What was inside may be a volume group, and in that another volume.
      if guest.opened.count > before { try guest.run("looking for volumes") { guestfs_lvm_scan($0, 1) } }
    }
    try refuse(failures)
    return notes(failures)
  }

  private enum Attempt {
    case opened
    /// With what cryptsetup said, where a key was tried at all.
    case notOpened(String?)
  }

  private func open(_ volume: Volume) throws(AscendError) -> Attempt {
    var reason: String?
    let name = Self.mapping(of: volume)
    for key in keys where volume.isNamed(by: key) {
      for passphrase in key.passphrases {
        do throws(AscendError) {
          try guest.open(volume.device, volume.type == "luks" ? "luks" : "bitlk", passphrase, as: name)
          return .opened
        } catch {
          guard error.code == "guest.callFailed" else { throw error }
          reason = StorageSurvey.oneLine(error.cause ?? error.message)
        }
      }
    }
    return .notOpened(reason)
  }

  private static func mapping(of volume: Volume) -> String {
    let kind = volume.type == "luks" ? "luks" : "bitlk"
    if let uuid = volume.uuid, InstalledKernel.isPlain(uuid) { return "\(kind)-\(uuid)" }
    return "\(kind)-" + volume.device.split(separator: "/").dropFirst().joined(separator: "-")
  }

  private static func volumes(
    _ guest: GuestfsHandle, _ contents: [(key: String, value: String)]
  ) throws(AscendError) -> [Volume] {
    var found: [Volume] = []
    for (device, type) in contents {
      guard let kind = ["crypto_LUKS": "luks", "BitLocker": "bitlocker"][type] else { continue }
      found.append(Volume(device: device, type: kind, uuid: try guest.blkid(device)["UUID"]))
    }
    return found
  }

  /// Those among `contents` that are not open.
  static func locked(
    _ guest: GuestfsHandle, _ contents: [(key: String, value: String)]
  ) throws(AscendError) -> [GuestFacts.LockedVolume] {
    let open = Set(guest.opened.map(\.device))
    return try volumes(guest, contents).filter { !open.contains($0.device) }
      .map { .init(device: $0.device, type: $0.type, uuid: $0.uuid) }
  }

  private func refuse(_ failures: [(volume: Volume, reason: String?)]) throws(AscendError) {
    let named = failures.first { failure in keys.contains { $0.volume != nil && failure.volume.isNamed(by: $0) } }
    let any = guest.opened.isEmpty ? failures.first { $0.reason != nil } : nil
    guard let (volume, reason) = named ?? any else { return }
    let said = reason ?? ""
    guard Self.isRefusal(said, volume.type) else {
      throw AscendError(
        "guest.volumeNotOpened", "An encrypted volume of the guest cannot be opened here", object: volume.device,
        cause: reason, remedy: "Restore with --prepare never, on hardware that the guest has drivers for")
    }
    throw AscendError(
      "guest.wrongKey", "The key that was given does not open an encrypted volume of the guest",
      object: volume.device + (volume.uuid.map { ", \($0)" } ?? ""), cause: "cryptsetup finds no key slot that it fits",
      remedy: "Give the volume's own key: --key \(volume.uuid ?? volume.device):file:PATH")
  }

  /// Of a recovery password in its right form that is another volume's, cryptsetup says nothing at all.
  static func isRefusal(_ said: String, _ type: String) -> Bool {
    refusals.contains(where: said.contains) || type == "bitlocker" && said.trimmedAll.hasSuffix("status 1:")
  }

  private func notes(_ failures: [(volume: Volume, reason: String?)]) -> [String] {
    if failures.isEmpty, guest.opened.isEmpty { return ["A key was given, and none of the disks is encrypted."] }
    return failures.map { "\($0.volume.device) is encrypted, and no key that was given opens it." }
  }
}
